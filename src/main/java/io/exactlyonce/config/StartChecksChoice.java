package io.exactlyonce.config;

/** What becomes of a cluster that would do, but not well. */
public enum StartChecksChoice {
  /** Each concern is logged and shown, and the pipeline starts. */
  WARN,
  /** Any concern refuses the start. */
  STRICT
}
