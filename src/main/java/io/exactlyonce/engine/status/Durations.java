package io.exactlyonce.engine.status;

import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;

/**
 * A histogram of durations with fixed bounds. Any thread records; recording takes no lock and makes
 * no object, since it is done for each record.
 */
public final class Durations {
  /** Bounds for calls and commits, in seconds: a tenth of a millisecond to half a minute. */
  public static final List<Double> OF_CALLS =
      List.of(0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0);

  /** Bounds for waits, in seconds; among them the thresholds of the lag's alerts, 60 and 300. */
  public static final List<Double> OF_WAITS =
      List.of(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 3600.0);

  private static final double NANOS = 1e9;

  private final List<Double> bounds;
  private final long[] boundNanos;
  private final LongAdder[] counts;
  private final LongAdder nanos = new LongAdder();

  /**
   * The durations that were recorded so far.
   *
   * @param bounds upper bounds of the buckets, inclusive, in seconds, ascending
   * @param counts durations in each bucket alone; one more than bounds, the last for longer ones
   * @param sum of all durations, in seconds
   */
  public record Snapshot(List<Double> bounds, List<Long> counts, double sum) {
    /** How many durations there are. */
    public long count() {
      return counts.stream().mapToLong(Long::longValue).sum();
    }
  }

  /**
   * @param bounds upper bounds of the buckets, inclusive, in seconds, ascending
   */
  public Durations(List<Double> bounds) {
    this.bounds = List.copyOf(bounds);
    this.boundNanos = bounds.stream().mapToLong(bound -> Math.round(bound * NANOS)).toArray();
    this.counts =
        Stream.generate(LongAdder::new).limit(boundNanos.length + 1L).toArray(LongAdder[]::new);
  }

  /**
   * @param took in nanoseconds; less than 0 counts as 0
   */
  public void record(long took) {
    record(took, 1);
  }

  /**
   * Records the same duration several times.
   *
   * @param took in nanoseconds; less than 0 counts as 0
   * @param times how many times
   */
  public void record(long took, int times) {
    long some = Math.max(0, took);
    int bucket = 0;
    while (bucket < boundNanos.length && some > boundNanos[bucket]) {
      bucket++;
    }
    counts[bucket].add(times);
    nanos.add(some * times);
  }

  /** The durations so far; those that other threads record meanwhile may be included or not. */
  public Snapshot snapshot() {
    return new Snapshot(
        bounds, Stream.of(counts).map(LongAdder::sum).toList(), nanos.sum() / NANOS);
  }
}
