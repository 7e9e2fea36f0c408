package io.exactlyonce.config.value;

/** Choices for a record without a value. */
public enum TombstoneChoice {
  /** It becomes a dead letter. */
  DEAD_LETTER,
  /** It is skipped: as with Debezium, the record before it already announced the deletion. */
  SKIP
}
