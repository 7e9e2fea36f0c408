package io.exactlyonce.engine;

import java.util.Locale;

/**
 * What an operator says to do with a record at which a partition stands.
 *
 * @param why in the operator's words; it goes into the receipt, and into the dead letter
 */
public record Decision(Verb verb, String why) {
  private static final int MOST_WHY = 200;

  public Decision {
    why = why.length() > MOST_WHY ? why.substring(0, MOST_WHY) : why;
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
