package io.exactlyonce.engine.status;

import java.util.Locale;

/**
 * What an operator says to do with a record at which a partition stands.
 *
 * @param why in the operator's words; it goes into the receipt, and into the dead letter. Cut to
 *     200 characters, and without line breaks, since it is logged too
 * @param who decides, by name; empty where nobody is named. It goes into the receipt
 */
public record OperatorDecision(Verb verb, String why, String who) {
  private static final int MAX_WHY = 200;

  public OperatorDecision {
    why = (why.length() > MAX_WHY ? why.substring(0, MAX_WHY) : why).replaceAll("\\p{Cntrl}", " ");
  }

  public OperatorDecision(Verb verb, String why) {
    this(verb, why, "");
  }

  /** The ways on. */
  public enum Verb {
    /** The handler is called again, with all its attempts. */
    RETRY,
    /** Nothing comes of the record; the receipt says so. */
    SKIP,
    /** The record goes to the dead letters. */
    DEAD_LETTER;

    /** As it is written: {@code dead-letter}. */
    public String text() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }
}
