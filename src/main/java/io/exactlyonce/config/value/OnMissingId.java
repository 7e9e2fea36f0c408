package io.exactlyonce.config.value;

/** What becomes of a record without an event id, while the guard is on. */
public enum OnMissingId {
  /** It becomes a dead letter with that reason. */
  DEAD_LETTER,
  /** It is processed, unguarded, and counted as such. */
  UNGUARDED
}
