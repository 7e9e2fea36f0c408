package io.exactlyonce.engine.handling;

import io.exactlyonce.handler.Event;
import io.exactlyonce.handler.Handler;
import io.exactlyonce.handler.Outcome;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Interrupts a handler call that takes longer than the limit. Whatever the call then returns or
 * throws counts as a {@link HandlerTimeoutException}: a result made after the interrupt is not to
 * be trusted.
 *
 * <p>A handler that ignores the interrupt is waited for: if its record were given up meanwhile, the
 * next one of the same key would be handled at the same time. {@code StallDetector} names it.
 */
record TimedHandler<I>(Handler<I> handler, Duration limit, ScheduledExecutorService timer)
    implements Handler<I> {

  /**
   * One call. Its end and its limit may come at once, on two threads: the first to take the lock
   * decides, so that the interrupt never hits the thread after the call has ended.
   */
  private static final class Call {
    private final Thread thread = Thread.currentThread();
    private boolean ended;
    private boolean expired;

    synchronized void expire() {
      if (!ended) {
        expired = true;
        thread.interrupt();
      }
    }

    /** Ends the call. True where the limit came first; its interrupt flag is cleared then. */
    synchronized boolean end() {
      ended = true;
      if (expired) {
        Thread.interrupted();
      }
      return expired;
    }
  }

  @Override
  public Outcome handle(Event<I> event) throws Exception {
    Call call = new Call();
    Future<?> alarm = timer.schedule(call::expire, limit.toNanos(), TimeUnit.NANOSECONDS);
    Outcome outcome;
    try {
      outcome = handler.handle(event);
    } catch (Throwable e) { // the timing ends with the call; thrown on unchanged
      if (call.end()) {
        throw new HandlerTimeoutException(limit, e);
      }
      throw e;
    } finally {
      alarm.cancel(false);
    }
    if (call.end()) {
      throw new HandlerTimeoutException(limit, null);
    }
    return outcome;
  }
}
