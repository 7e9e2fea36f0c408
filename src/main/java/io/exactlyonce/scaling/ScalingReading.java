package io.exactlyonce.scaling;

import java.time.Instant;

/**
 * The scaler's input at one check.
 *
 * @param workers that are wanted of this instance now
 * @param concurrency that is wanted of each of them now
 * @param mostUseful workers of this instance beyond which one would have no partition
 * @param decides whether this is the one instance of the group that may add workers
 * @param load size of the lag
 * @param records of the lag
 * @param perSecond by which the lag grows, in records; below zero it shrinks
 * @param done records that this instance has finished since it started
 * @param explained a cause of the lag that more workers would not remove; empty where none is known
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
  /**
   * Seconds within which a critical lag should be gone. One that takes longer is worth more
   * concurrency, which costs no rebalance.
   */
  private static final double SOON_SECONDS = 600;

  boolean isGrowing() {
    return load == Load.CRITICAL && perSecond > 0;
  }

  /** Whether the lag is critical and would not be gone soon; it may shrink. */
  boolean isSlow() {
    return load == Load.CRITICAL && records > -perSecond * SOON_SECONDS;
  }

  /** Size of the lag, by the thresholds of the alerts. */
  public enum Load {
    /** The lag is not known, so nothing is decided. */
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
