package io.exactlyonce.config.value;

/** Choices for a record without an event id while the guard is on. */
public enum OnMissingId {
  /** It becomes a dead letter whose reason says so. */
  DEAD_LETTER,
  /** It is processed without a claim and counted as such. */
  UNGUARDED
}
