package io.exactlyonce.alert;

/**
 * State of an alert between two checks. It is raised at the second check in a row that finds its
 * condition, and resolved at the third in a row that finds it gone. A value counts as gone only
 * well below its threshold, so one that hovers about the threshold is one alert.
 */
enum AlertState {
  /** Nothing is wrong. */
  QUIET,
  /** One check has found the condition. */
  SUSPECTED,
  RAISED,
  /** It is raised, and one check has found the condition gone. */
  EASING,
  /** It is raised, and two checks in a row have found the condition gone. */
  EASED;

  /** The result of a check. */
  enum Found {
    OVER,
    /** Not over the threshold, but not far enough below it to be gone. */
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
