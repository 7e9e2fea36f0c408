package io.exactlyonce.config.value;

/** Effect of a start check's warning on the start. */
public enum StartChecksChoice {
  /** The warning is logged and shown, and the pipeline starts. */
  WARN,
  /** The warning refuses the start. */
  STRICT
}
