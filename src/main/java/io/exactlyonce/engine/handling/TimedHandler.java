package io.exactlyonce.engine.handling;

import io.exactlyonce.handler.Event;
import io.exactlyonce.handler.Handler;
import io.exactlyonce.handler.Outcome;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Interrupts a handler that is at one record for longer than it may. Whatever it then returns or
 * throws counts as a {@link HandlerTimeoutException}: a result that was made in a hurry to end is
 * none.
 *
 * <p>A handler that takes no notice of the interrupt is waited for: if its record were given up
 * under it, the next of the same key would be handled beside it. {@code StallDetector} names it.
 */
record TimedHandler<I>(Handler<I> handler, Duration limit, ScheduledExecutorService timer)
    implements Handler<I> {

  /**
   * One call. Its end and its limit may come at once, on two threads: whichever has the lock first
   * decides, so that an interrupt never meets the thread when it is at something else already.
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

    /** True where the limit was first; then the thread's interrupt flag is ours to lower. */
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
    } catch (Throwable e) { // whatever ends the call ends its time; it is thrown on as it is
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
