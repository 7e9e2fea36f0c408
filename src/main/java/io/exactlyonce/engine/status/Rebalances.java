package io.exactlyonce.engine.status;

import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** What rebalances of the group did to the workers of a pipeline of this instance. */
public final class Rebalances {
  /** Times that the group gave a worker partitions, the first time included. */
  public final LongAdder count = new LongAdder();

  /** Partitions that were given to a worker, let go in order, and lost to others. */
  public final LongAdder assigned = new LongAdder();

  public final LongAdder revoked = new LongAdder();
  public final LongAdder lost = new LongAdder();

  /** From the first partition let go to the end of the assignment that followed. */
  public final Durations durations = new Durations(Durations.OF_WAITS);

  /** Null before the first; in {@link System#nanoTime}'s time. */
  private volatile @Nullable Long lastAt;

  /**
   * A worker has taken an assignment in.
   *
   * @param from when it began to let go, or was called where it let nothing go
   * @param now both in {@link System#nanoTime}'s time
   */
  public void postAssigned(long from, long now) {
    durations.record(now - from);
    lastAt = now;
  }

  /**
   * Seconds since a worker last took an assignment in; NaN before the first.
   *
   * @param now in {@link System#nanoTime}'s time
   */
  public double secondsSinceLast(long now) {
    Long last = lastAt;
    return last == null ? Double.NaN : (now - last) / 1e9;
  }
}
