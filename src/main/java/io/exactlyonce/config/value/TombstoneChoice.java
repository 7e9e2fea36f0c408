package io.exactlyonce.config.value;

/** What becomes of a record that has no value. */
public enum TombstoneChoice {
  /** It is one that the pipeline cannot handle. */
  DEAD_LETTER,
  /** Its key's deletion was said before, as by Debezium. */
  SKIP
}
