package io.exactlyonce.torture.checker;

/**
 * Something that must not be.
 *
 * @param what for a person, with the event's id and its places
 */
public record Finding(Kind kind, String what) {

  /** What can be wrong. */
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
    /** An event that had to become a dead letter and did not, or that did and had not to. */
    MISPLACED
  }
}
