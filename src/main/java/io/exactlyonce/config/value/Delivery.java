package io.exactlyonce.config.value;

/** How often a record's outputs are committed when an instance crashes. */
public enum Delivery {
  /** Once: outputs and offsets commit in one transaction. */
  EXACTLY_ONCE,
  /** At least once: outputs are flushed, then the offsets are committed. */
  AT_LEAST_ONCE,
  /** At most once: the offsets are committed, then the records are handled. */
  AT_MOST_ONCE
}
