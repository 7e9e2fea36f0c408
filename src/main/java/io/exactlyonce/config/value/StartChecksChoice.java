package io.exactlyonce.config.value;

/** What a start check's warning does to the start. */
public enum StartChecksChoice {
  /** It is logged and shown, and the pipeline starts. */
  WARN,
  /** It refuses the start. */
  STRICT
}
