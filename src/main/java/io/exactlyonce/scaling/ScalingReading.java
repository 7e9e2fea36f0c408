package io.exactlyonce.scaling;

import java.time.Instant;

/**
 * What is known at a check.
 *
 * @param workers that are wanted of this instance now
 * @param mostUseful workers of this instance beyond which one would have no partition
 * @param load of the lag
 * @param perSecond by which the lag grows, in records; below zero it gets less
 * @param done records that this instance has finished since it started
 * @param explained why more workers would not help; empty where nothing says so
 */
public record ScalingReading(
    Instant at,
    int workers,
    int mostUseful,
    Load load,
    double perSecond,
    long done,
    String explained) {
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
