package io.exactlyonce.wiring.serde;

import io.exactlyonce.engine.spi.Backend;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Calls of a pipeline's named (de)serializers, with a time limit. A call that exceeds it is
 * interrupted repeatedly until it ends, since a (de)serializer may catch one interrupt and try
 * again.
 *
 * <p>Threads: handler threads make the calls; one thread of its own checks all running calls, so
 * that none needs a timer. It starts with the first (de)serializer that is watched.
 */
public final class SerdeCalls implements AutoCloseable {
  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(250);

  /** The work of a (de)serializer on one record. */
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
   * @param limit time limit of one call; zero: none
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

  /** Starts the checks of the limit; does nothing where they run already or there is no limit. */
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
   * @param asked the service that the (de)serializer asks, for the message
   * @throws Backend.UnreachableException where that service is away, or did not answer within the
   *     limit
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
        what + "; the pipeline " + pipeline + " continues by itself after an answer", cause);
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }

  /**
   * One call. Where its end and its limit come at the same time, the first that takes the lock
   * decides: after the end it is not interrupted any more.
   */
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

    /**
     * Ends the call. True where it had exceeded the limit; the thread's interrupt flag is cleared
     * then.
     */
    synchronized boolean end() {
      if (!hasEnded && isInterrupted) {
        Thread.interrupted();
      }
      hasEnded = true;
      return isInterrupted;
    }
  }
}
