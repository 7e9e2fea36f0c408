package io.exactlyonce.config.value;

/** What a pipeline does while its guard's store does not answer or refuses. */
public enum OnGuardFailure {
  /** Nothing is handled until claims succeed. */
  WAIT,
  /**
   * Records are handled unguarded and counted as such; what is sent twice meanwhile counts twice.
   */
  BYPASS
}
