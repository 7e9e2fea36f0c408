package io.exactlyonce.explain;

/**
 * Outcomes of a record. Where several records have one event id, the outcome that comes first in
 * this list is the event's.
 */
public enum Fate {
  /** A receipt accounts for it, and its outputs are committed. */
  PROCESSED,
  /** Its handler chose to skip it. */
  SKIPPED,
  /** It is in a retry topic and is handled again. */
  WAITING,
  /** It is among the dead letters. */
  DEAD_LETTER,
  /** It was given up without a trace elsewhere, by a setting or by an operator. */
  GIVEN_UP,
  /**
   * Its partition is stopped at it until an operator decides. Stops are not in the log, so only an
   * {@link Explain.Running} instance tells this apart from {@link #NOT_YET}.
   */
  STOPPED,
  /** A worker of the {@link Explain.Running} instance has read it and has not committed it. */
  IN_FLIGHT,
  /**
   * The group's offset is not behind it: not yet read, behind others, or, as far as the log alone
   * tells, in flight or at a stop.
   */
  NOT_YET,
  /** It became a dead letter that was replayed, as another record. */
  REPLAYED,
  /** The group's offset is past it and no receipt accounts for it. */
  UNKNOWN,
  /** It was dropped: another record holds its event id. */
  DUPLICATE,
  /** No such record was found. */
  NEVER_SEEN;

  /** Whether the handler has dealt with the record. */
  public boolean isProcessed() {
    return this == PROCESSED || this == SKIPPED;
  }

  /**
   * Whether a record with this fate holds its event id, so that others with the id are its
   * duplicates.
   */
  boolean holdsItsId() {
    return this != DUPLICATE && this != NEVER_SEEN;
  }
}
