package io.exactlyonce.wiring.serde;

import io.exactlyonce.engine.spi.Backend;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Calls of a pipeline's named (de)serializers. One that takes longer than the limit is interrupted,
 * again and again until it ends: a serde may go on with another try.
 *
 * <p>Threads: handler threads call; one thread of its own looks at the calls under way. It starts
 * with the first serde that is watched, and no call costs a timer.
 */
public final class SerdeCalls implements AutoCloseable {
  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(250);

  /** What a (de)serializer does for one record. */
  @FunctionalInterface
  public interface Work<T> {
    T call() throws Exception;
  }

  private final String pipeline;
  private final Duration limit;
  private final Outages outages;
  private final Set<Call> underWay = ConcurrentHashMap.newKeySet();
  private final ScheduledThreadPoolExecutor timer;
  private boolean isWatching;

  /**
   * @param limit of one call; zero: none
   */
  public SerdeCalls(String pipeline, Duration limit, Outages outages) {
    this.pipeline = pipeline;
    this.limit = limit;
    this.outages = outages;
    this.timer =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, pipeline + "-serde-limit");
              thread.setDaemon(true);
              return thread;
            });
  }

  /** Has the calls that follow held to the limit. */
  public synchronized void watch() {
    if (!isWatching && !limit.isZero()) {
      isWatching = true;
      long each = Math.min(BETWEEN_LOOKS.toNanos(), Math.max(1_000_000, limit.toNanos() / 4));
      timer.scheduleWithFixedDelay(this::look, each, each, TimeUnit.NANOSECONDS);
    }
  }

  private void look() {
    long now = System.nanoTime();
    for (Call call : underWay) {
      call.maybeInterrupt(now);
    }
  }

  /**
   * Makes a call.
   *
   * @param asked whom the (de)serializer asks, for the message
   * @throws Backend.UnreachableException where it did not answer
   * @throws Exception whatever else the (de)serializer threw
   */
  public <T> T call(String asked, Work<T> work) throws Exception {
    Call call = new Call(Thread.currentThread(), System.nanoTime() + limit.toNanos());
    underWay.add(call);
    try {
      return work.call();
    } catch (Throwable e) {
      if (call.end()) {
        throw away(asked + " has not answered within registry.timeout (" + millis() + ")", e);
      }
      Throwable why = outages.find(e);
      if (why == null) {
        throw e;
      }
      throw away(asked + " is away: " + why.getClass().getName(), e);
    } finally {
      call.end();
      underWay.remove(call);
    }
  }

  private String millis() {
    return limit.toMillis() + "ms";
  }

  private Backend.UnreachableException away(String what, Throwable cause) {
    return new Backend.UnreachableException(
        what + "; " + pipeline + " goes on by itself when it answers", cause);
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }

  /** One call. Its end and its limit may come at once: whichever has the lock first decides. */
  private static final class Call {
    private final Thread thread;
    private final long deadline;
    private boolean isInterrupted;
    private boolean hasEnded;

    Call(Thread thread, long deadline) {
      this.thread = thread;
      this.deadline = deadline;
    }

    synchronized void maybeInterrupt(long now) {
      if (!hasEnded && now - deadline >= 0) {
        isInterrupted = true;
        thread.interrupt();
      }
    }

    /** True where the limit was first; the thread's interrupt flag is lowered then. */
    synchronized boolean end() {
      if (!hasEnded && isInterrupted) {
        Thread.interrupted();
      }
      hasEnded = true;
      return isInterrupted;
    }
  }
}
