package io.exactlyonce.receipt.audit.report;

/**
 * Something that the log does not bear out.
 *
 * @param where {@code topic-partition@offset}
 * @param records how many records it concerns
 * @param sentence what is wrong, for people
 */
public record Finding(Kind kind, String where, long records, String sentence) {
  /** What it means for the one who relies on exactly once. */
  public enum Kind {
    /** A source record has no effect, or an effect that was committed is not there. */
    LOST,
    /** A source record has its effect twice. */
    DUPLICATED,
    /** Effects of one source partition stand in another order than their sources. */
    OUT_OF_ORDER,
    /** An effect, or a group's offset, that no receipt explains. */
    UNACCOUNTED
  }

  @Override
  public String toString() {
    return kind + " " + where + ": " + sentence;
  }
}
