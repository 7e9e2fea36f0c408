package io.exactlyonce.torture.checker;

/**
 * A violation of what is promised.
 *
 * @param what text for a person, with the event's id and its places
 */
public record Finding(Kind kind, String what) {

  /** Kinds of violations. */
  public enum Kind {
    /** An acknowledged event without its output. */
    LOST,
    /** An event with more than one output in a sink. */
    DUPLICATED,
    /** An event with some of its outputs and not the others. */
    TORN,
    /** Outputs of one key from one source partition, not in the order of that partition. */
    DISORDERED,
    /** An output of a record that its producer aborted. */
    UNCOMMITTED,
    /** An output that names no record that was sent, or another event's. */
    MADE_UP,
    /** The outputs of a key do not add up to what was sent. */
    UNBALANCED,
    /** An event that is a dead letter and should not be, or should be one and is not. */
    MISPLACED
  }
}
