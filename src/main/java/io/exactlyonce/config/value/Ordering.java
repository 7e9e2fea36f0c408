package io.exactlyonce.config.value;

/** Which records are handled strictly one after the other. Offsets commit in order in any case. */
public enum Ordering {
  /** All records of a partition. */
  PARTITION,
  /** The records of a partition that have the same key. */
  KEY,
  /** None: any record may be handled beside any other. */
  NONE
}
