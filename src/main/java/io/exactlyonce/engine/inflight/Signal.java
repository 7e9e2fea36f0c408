package io.exactlyonce.engine.inflight;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Wakes the worker's thread when a handler, a claim or a commit has something for it.
 *
 * <p>No raise is lost: {@link #raise} sets the flag before it unparks, and {@link #await} looks at
 * the flag before it parks; an unpark that comes between the two makes the park return at once.
 */
public final class Signal {
  private final AtomicBoolean raised = new AtomicBoolean();
  private volatile @Nullable Thread waiting;

  public void raise() {
    if (raised.compareAndSet(false, true)) {
      Thread thread = waiting;
      if (thread != null) {
        LockSupport.unpark(thread);
      }
    }
  }

  /**
   * Waits until the signal is raised, or for so long; returns at once where it was raised since the
   * last call. Lowers the flag. The worker's thread alone calls it.
   */
  public void await(long nanos) {
    waiting = Thread.currentThread();
    if (!raised.get()) {
      LockSupport.parkNanos(this, nanos);
    }
    waiting = null;
    raised.set(false);
  }
}
