package io.exactlyonce.local;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Bounded waits for something that another thread or process does. */
public final class Await {
  private static final long PAUSE_NANOS = Duration.ofMillis(10).toNanos();

  private Await() {}

  /**
   * Waits until the condition holds.
   *
   * @return false where the bound passed, or the thread was interrupted, before
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
   * @param assertions throw an AssertionError while they do not hold, and return null: a condition
   *     that is returned belongs to {@link #within}, and would count as holding at once
   * @throws AssertionError where the bound passed before; it has the message of their last one
   * @throws IllegalArgumentException where they return a value
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
