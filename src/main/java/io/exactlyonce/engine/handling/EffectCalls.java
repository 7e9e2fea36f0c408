package io.exactlyonce.engine.handling;

import io.exactlyonce.engine.spi.Tracing;
import io.exactlyonce.engine.status.PipelineCounters;
import io.exactlyonce.guard.EffectStore;
import io.exactlyonce.handler.Effects;
import io.exactlyonce.handler.Event;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Runs the effects of events and keeps their results. A call runs on a thread of its own, so that
 * the handler can go on when it hangs; the handler's thread looks results up and records them.
 *
 * <p>The result that is recorded first stands, so two runs at once go on with one result. While the
 * store is away the handler waits, since a result that is not recorded means a call that is
 * repeated. The wait ends when the store is back, when the record was dropped, when the handler is
 * interrupted at its time limit, or when the pipeline has stopped. It does not end with the request
 * to stop: while the partition drains, the exception would count as a failure of the record.
 */
public final class EffectCalls implements AutoCloseable {
  private static final Pattern NAME = Pattern.compile("[\\w.-]{1,64}");
  private static final long ASK_AGAIN_MILLIS = 100;

  /**
   * Calls at once. Beyond it calls are refused, so that hanging ones do not take threads without
   * end.
   */
  private static final int MAX_CALLS = 1_000;

  private final EffectStore store;
  private final Duration timeout;
  private final PipelineCounters counters;
  private final Tracing tracing;
  private final ExecutorService calls;
  private final CountDownLatch stopped = new CountDownLatch(1);

  public EffectCalls(
      EffectStore store,
      Duration timeout,
      String pipeline,
      PipelineCounters counters,
      Tracing tracing) {
    this.counters = counters;
    this.tracing = tracing;
    this.store = store;
    this.timeout = timeout;
    this.calls =
        new ThreadPoolExecutor(
            0,
            MAX_CALLS,
            10,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            task -> {
              Thread thread = new Thread(task, pipeline + "-effect");
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * The effects of an event, as its handler gets them.
   *
   * @param gone whether the event's record is dropped, so that the wait for the store can end
   */
  Effects of(String eventId, Event.Source source, BooleanSupplier gone) {
    return (name, call) -> new Asked(name, eventId, source, gone).once(call);
  }

  /** One effect of one event. */
  private final class Asked {
    private final String name;
    private final String eventId;
    private final Event.Source source;
    private final BooleanSupplier gone;

    Asked(String name, String eventId, Event.Source source, BooleanSupplier gone) {
      this.name = name;
      this.eventId = eventId;
      this.source = source;
      this.gone = gone;
    }

    @Nullable String once(Effects.Call call) throws Exception {
      if (!NAME.matcher(name).matches()) {
        throw new IllegalArgumentException(
            "effect name " + name + ": write 1 to 64 letters, digits, dots, dashes or underscores");
      }
      byte[] recorded = await(() -> store.find(name, eventId));
      if (recorded != null) {
        counters.effectsRemembered.increment();
      } else {
        counters.effectsCalled.increment();
        byte[] result = EffectResult.encode(make(call));
        recorded = await(() -> store.record(name, eventId, result));
      }
      return EffectResult.decode(name, recorded);
    }

    private @Nullable String make(Effects.Call call) throws Exception {
      Future<String> answer = calls.submit(tracing.carried(call::get));
      try {
        return answer.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
      } catch (ExecutionException e) {
        if (e.getCause() instanceof Error error) {
          throw error;
        }
        throw (Exception) e.getCause();
      } catch (TimeoutException e) {
        throw new TimeoutException(
            this
                + " took longer than effects.timeout ("
                + timeout.toMillis()
                + "ms) and was interrupted; whether it happened is not known");
      } finally {
        answer.cancel(true); // does nothing to a call that has ended
      }
    }

    private byte[] await(Supplier<byte[]> question) throws InterruptedException {
      while (true) {
        try {
          return question.get();
        } catch (EffectStore.AwayException e) {
          if (stopped.await(ASK_AGAIN_MILLIS, TimeUnit.MILLISECONDS)) {
            throw new IllegalStateException(this + ": Redis is away and the pipeline stopped", e);
          }
          if (gone.getAsBoolean()) {
            throw new IllegalStateException(
                this
                    + ": Redis is away and the record was dropped; the effect is looked up again"
                    + " when the record is read again",
                e);
          }
        }
      }
    }

    @Override
    public String toString() {
      return "effect " + name + " of " + source;
    }
  }

  @Override
  public void close() {
    stopped.countDown();
    calls.shutdownNow();
    store.close();
  }
}
