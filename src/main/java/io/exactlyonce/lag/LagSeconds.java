package io.exactlyonce.lag;

/**
 * How long the oldest record that is not committed has been waiting.
 *
 * @param value seconds; 0 where no record waits
 * @param kind how exact the value is
 */
public record LagSeconds(double value, Kind kind) {
  /** How exact a value is. */
  public enum Kind {
    /** By the record's own timestamp. */
    EXACT,
    /** Interpolated between checks, by the end offsets that they found. */
    INTERPOLATED,
    /**
     * The record has waited since before the first check, and its timestamp is not usable: the time
     * since that check.
     */
    AT_LEAST
  }

  static final LagSeconds NONE = new LagSeconds(0, Kind.EXACT);

  static LagSeconds between(long then, long now, Kind kind) {
    return new LagSeconds(Math.max(0, now - then) / 1000.0, kind);
  }
}
