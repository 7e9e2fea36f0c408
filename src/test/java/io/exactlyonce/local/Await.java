package io.exactlyonce.local;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waiting for something that another thread or process does, always with a bound. */
public final class Await {
  private static final long PAUSE_NANOS = Duration.ofMillis(10).toNanos();

  private Await() {}

  /**
   * Asks until the answer is yes.
   *
   * @return false when the bound passed, or the thread was interrupted, before it was
   */
  public static boolean within(Duration bound, BooleanSupplier condition) {
    long end = System.nanoTime() + bound.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - end > 0 || Thread.currentThread().isInterrupted()) {
        return false;
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
    return true;
  }

  /**
   * Runs assertions until they hold.
   *
   * @param assertions throw an AssertionError while they do not hold, and give nothing back: what
   *     gives back an answer was meant for {@link #within}, and would hold at once
   * @throws AssertionError when the bound passed before; it says what they said last
   */
  public static void until(Duration bound, Callable<?> assertions) {
    AssertionError[] last = new AssertionError[1];
    boolean held = within(bound, () -> hold(assertions, last));
    if (!held) {
      String said = last[0] == null ? "" : "; at last: " + last[0].getMessage();
      throw new AssertionError("not within " + bound + said, last[0]);
    }
  }

  private static boolean hold(Callable<?> assertions, AssertionError[] last) {
    Object given;
    try {
      given = assertions.call();
    } catch (AssertionError e) {
      last[0] = e;
      return false;
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
    if (given != null) {
      throw new IllegalArgumentException("what is awaited has to be asserted, and gave " + given);
    }
    return true;
  }
}
