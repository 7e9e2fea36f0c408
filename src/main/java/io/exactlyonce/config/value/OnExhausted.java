package io.exactlyonce.config.value;

/** Choices for a record whose attempts are used up. */
public enum OnExhausted {
  /** It goes to the dead letters, in the same transaction as its offset. */
  DEAD_LETTER,
  /** Its partition stops at it until an operator decides; other partitions go on. */
  STOP,
  /** It has no outputs; the receipt lists it as passed over. */
  SKIP
}
