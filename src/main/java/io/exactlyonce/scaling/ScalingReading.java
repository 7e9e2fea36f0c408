package io.exactlyonce.scaling;

import java.time.Instant;

/**
 * What is known at a check.
 *
 * @param workers that are wanted of this instance now
 * @param concurrency that is wanted of each of them now
 * @param mostUseful workers of this instance beyond which one would have no partition
 * @param decides whether this is the one instance of the group that may add workers
 * @param load of the lag
 * @param records of the lag
 * @param perSecond by which the lag grows, in records; below zero it gets less
 * @param done records that this instance has finished since it started
 * @param explained why more workers would not help; empty where nothing says so
 */
public record ScalingReading(
    Instant at,
    int workers,
    int concurrency,
    int mostUseful,
    boolean decides,
    Load load,
    long records,
    double perSecond,
    long done,
    String explained) {
  /** A critical lag that takes longer to go is worth more concurrency, which costs no rebalance. */
  private static final double SOON_SECONDS = 600;

  boolean isGrowing() {
    return load == Load.CRITICAL && perSecond > 0;
  }

  /** Also where it gets less, and would not be gone soon. */
  boolean isSlow() {
    return load == Load.CRITICAL && records > -perSecond * SOON_SECONDS;
  }

  /** How much lag there is, by the thresholds of the alerts. */
  public enum Load {
    /** Not known, so nothing is decided. */
    UNMEASURED,
    /** Below a tenth of the warning. */
    CALM,
    /** Between a tenth of the warning and the warning. */
    NORMAL,
    /** Above the warning. */
    BEHIND,
    /** Above the critical threshold. */
    CRITICAL
  }
}
