package io.exactlyonce.engine;

import io.exactlyonce.guard.EffectStore;
import io.exactlyonce.handler.Effects;
import io.exactlyonce.handler.Event;
import io.exactlyonce.handler.Handler;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;

/**
 * Gives each event its effects. A call runs on a thread of its own, so that the handler can go on
 * when it hangs; the handler's thread looks results up and records them.
 *
 * <p>What is recorded first stands, so two runs at once go on with one result. While the store is
 * away the handler waits as the claims do: a result that was not recorded is a call to be repeated.
 */
final class EffectCalls implements AutoCloseable {
  private static final Pattern NAME = Pattern.compile("[\\w.-]{1,64}");
  private static final long AWAY_MILLIS = 100;

  /** More than this many hang: then effects are refused, and not threads without end made. */
  private static final int MOST_CALLS = 1_000;

  private final EffectStore store;
  private final Duration timeout;
  private final ExecutorService calls;

  EffectCalls(EffectStore store, Duration timeout, String pipeline) {
    this.store = store;
    this.timeout = timeout;
    this.calls =
        new ThreadPoolExecutor(
            0,
            MOST_CALLS,
            10,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            task -> {
              Thread thread = new Thread(task, pipeline + "-effect");
              thread.setDaemon(true);
              return thread;
            });
  }

  /** The handler, with events that have effects. */
  <I> Handler<I> on(Handler<I> handler) {
    return event -> handler.handle(give(event));
  }

  /** The event with its effects. */
  <I> Event<I> give(Event<I> event) {
    return event.with(of(event));
  }

  private Effects of(Event<?> event) {
    return (name, call) -> once(name, event, call);
  }

  private String once(String name, Event<?> event, Effects.Call call) throws Exception {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "effect name " + name + ": write 1 to 64 letters, digits, dots, dashes or underscores");
    }
    byte[] recorded = await(() -> store.find(name, event.id()));
    if (recorded == null) {
      byte[] result = EffectResult.encode(call(name, event, call));
      recorded = await(() -> store.record(name, event.id(), result));
    }
    return EffectResult.decode(name, recorded);
  }

  private String call(String name, Event<?> event, Effects.Call call) throws Exception {
    Future<String> answer = calls.submit(call::get);
    try {
      return answer.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw (Exception) e.getCause();
    } catch (TimeoutException e) {
      throw new TimeoutException(
          "effect "
              + name
              + " of "
              + event.source()
              + " took longer than effects.timeout ("
              + timeout.toMillis()
              + "ms) and was interrupted; whether it happened is not known");
    } finally {
      answer.cancel(true); // does nothing to a call that has ended
    }
  }

  /** Something that is asked of the store. */
  @FunctionalInterface
  private interface Question {
    byte[] ask();
  }

  private static byte[] await(Question question) throws InterruptedException {
    while (true) {
      try {
        return question.ask();
      } catch (EffectStore.AwayException e) {
        Thread.sleep(AWAY_MILLIS);
      }
    }
  }

  @Override
  public void close() {
    calls.shutdownNow();
    store.close();
  }
}
