package io.exactlyonce.engine.status;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
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

  /** How many are remembered with their times. */
  private static final int MAX_RECENT = 20;

  private final Deque<Rebalance> recent = new ArrayDeque<>();

  /**
   * What one of them did to one worker.
   *
   * @param endedNanos when the assignment was taken in, in {@link System#nanoTime}'s time
   * @param tookNanos from the first partition let go to there
   * @param assigned so many partitions were given to it; the next two likewise
   */
  public record Rebalance(
      String worker, long endedNanos, long tookNanos, int assigned, int revoked, int lost) {}

  /** Null before the first; in {@link System#nanoTime}'s time. */
  private volatile @Nullable Long lastAt;

  /**
   * A worker has taken an assignment in.
   *
   * @param did what the rebalance did to it
   */
  public void postAssigned(Rebalance did) {
    durations.record(did.tookNanos);
    lastAt = did.endedNanos;
    synchronized (recent) {
      recent.addLast(did);
      if (recent.size() > MAX_RECENT) {
        recent.removeFirst();
      }
    }
  }

  /** The last ones, the newest last. */
  public List<Rebalance> recent() {
    synchronized (recent) {
      return List.copyOf(recent);
    }
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
