package io.exactlyonce.alert;

/**
 * Where an alert stands between two checks. It is raised at the second check in a row that finds
 * its condition, and resolved at the third in a row that finds it gone for good, so a value that
 * hovers about a threshold is one alert.
 */
enum AlertState {
  /** Nothing is wrong. */
  QUIET,
  /** One check has found it. */
  SUSPECTED,
  RAISED,
  /** It was raised, and one check has found it gone. */
  EASING,
  /** It was raised, and two checks in a row have found it gone. */
  EASED;

  /** What a check finds of the condition. */
  enum Found {
    OVER,
    /** No longer over, but not far enough below to be gone. */
    BETWEEN,
    GONE
  }

  AlertState next(Found found) {
    return switch (this) {
      case QUIET -> found == Found.OVER ? SUSPECTED : QUIET;
      case SUSPECTED -> found == Found.OVER ? RAISED : QUIET;
      case RAISED -> found == Found.GONE ? EASING : RAISED;
      case EASING -> found == Found.GONE ? EASED : RAISED;
      case EASED -> found == Found.GONE ? QUIET : RAISED;
    };
  }

  boolean isRaised() {
    return this == RAISED || this == EASING || this == EASED;
  }
}
