package io.exactlyonce.engine.status;

import java.util.Locale;

/**
 * An operator's decision on a record at which a partition stands.
 *
 * @param why the operator's reason, for the receipt, the dead letter and the log; cut to 200
 *     characters, with spaces for line breaks and other control characters
 * @param who the operator's name, for the receipt; empty where none is given
 */
public record OperatorDecision(Verb verb, String why, String who) {
  private static final int MAX_WHY = 200;

  public OperatorDecision {
    why = (why.length() > MAX_WHY ? why.substring(0, MAX_WHY) : why).replaceAll("\\p{Cntrl}", " ");
  }

  public OperatorDecision(Verb verb, String why) {
    this(verb, why, "");
  }

  /** The ways to go on with the record. */
  public enum Verb {
    /** The handler is called again, with all its attempts. */
    RETRY,
    /** The record is given up without output; the receipt says so. */
    SKIP,
    /** The record goes to the dead letters. */
    DEAD_LETTER;

    /** As in requests and receipts: {@code dead-letter}. */
    public String text() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }
}
