package io.exactlyonce.receipt.audit.report;

/**
 * A disagreement between a group's receipts and the log.
 *
 * @param where {@code topic-partition@offset}
 * @param records how many records it concerns
 * @param sentence what is wrong, in words
 */
public record Finding(Kind kind, String where, long records, String sentence) {
  /** Kinds of findings, by what they mean for exactly-once. */
  public enum Kind {
    /**
     * A source record was not processed, or an output or dead letter that was committed is not
     * there.
     */
    LOST,
    /** An event was processed twice, or an output or dead letter is there twice. */
    DUPLICATED,
    /** Outputs of one source partition are in another order than their sources. */
    OUT_OF_ORDER,
    /** A record, or a group's offset, that the receipts do not explain. */
    UNACCOUNTED
  }

  @Override
  public String toString() {
    return kind + " " + where + ": " + sentence;
  }
}
