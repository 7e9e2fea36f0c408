package io.exactlyonce.config.value;

/** What becomes of a record whose attempts are used up. */
public enum OnExhausted {
  /** It goes to the dead letters, in the same transaction as its offset. */
  DEAD_LETTER,
  /** Its partition stands at it until somebody decides; the others go on. */
  STOP,
  /** Nothing comes of it; the receipt lists it as passed over. */
  SKIP
}
