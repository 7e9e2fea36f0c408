package io.exactlyonce.config.value;

/** What becomes of a cluster that would do, but not well. */
public enum StartChecksChoice {
  /** Each warning is logged and shown, and the pipeline starts. */
  WARN,
  /** Any warning refuses the start. */
  STRICT
}
