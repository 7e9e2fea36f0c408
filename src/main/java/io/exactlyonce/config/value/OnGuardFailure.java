package io.exactlyonce.config.value;

/** Choices for the time in which a guard's store does not answer or refuses. */
public enum OnGuardFailure {
  /** Nothing is handled until claims succeed. */
  WAIT,
  /** Records are handled without claims and counted as such; duplicates have their effect twice. */
  BYPASS
}
