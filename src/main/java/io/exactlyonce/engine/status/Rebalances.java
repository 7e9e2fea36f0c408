package io.exactlyonce.engine.status;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** Counts and times of rebalances, as the workers of one pipeline in this process saw them. */
public final class Rebalances {
  /** Times that the group gave a worker partitions, the first time included. */
  public final LongAdder count = new LongAdder();

  /** Partitions that workers were assigned, had revoked and lost, by Kafka's callbacks. */
  public final LongAdder assigned = new LongAdder();

  public final LongAdder revoked = new LongAdder();
  public final LongAdder lost = new LongAdder();

  /** From the first partition revoked or lost to the end of the assignment that followed. */
  public final Durations durations = new Durations(Durations.OF_WAITS);

  /** How many rebalances {@link #recent()} holds at most. */
  private static final int MAX_RECENT = 20;

  private final Deque<Rebalance> recent = new ArrayDeque<>();

  /**
   * One rebalance, as one worker saw it.
   *
   * @param endedNanos when the worker had taken it in, in {@link System#nanoTime}'s time
   * @param tookNanos from the first partition revoked or lost until then
   * @param assigned number of partitions assigned; {@code revoked} and {@code lost} likewise
   */
  public record Rebalance(
      String worker, long endedNanos, long tookNanos, int assigned, int revoked, int lost) {}

  /** When the last one ended, in {@link System#nanoTime}'s time; null before the first. */
  private volatile @Nullable Long lastAt;

  /** Records a rebalance whose assignment a worker has taken in. */
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

  /** The last 20 rebalances at most, the newest last. */
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
