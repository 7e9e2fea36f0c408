package io.exactlyonce.config.value;

/** What a crash may cost. */
public enum Delivery {
  /** Nothing: outputs and offsets commit in one transaction. */
  EXACTLY_ONCE,
  /** Outputs may appear twice: they are flushed, then the offsets are committed. */
  AT_LEAST_ONCE,
  /** Outputs may be missing: the offsets are committed, then the records are handled. */
  AT_MOST_ONCE
}
