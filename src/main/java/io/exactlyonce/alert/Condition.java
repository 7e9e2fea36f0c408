package io.exactlyonce.alert;

import io.exactlyonce.alert.AlertState.Found;

/**
 * The result of a check for one alert.
 *
 * @param reason the finding, with its figures; it counts only where the value is over its threshold
 */
record Condition(Found found, String reason) {
  /**
   * Part of a threshold down to which a value has to fall to be gone; so hovering about it is no
   * change.
   */
  private static final double GONE_BELOW = 0.7;

  static Condition of(boolean holds, String reason) {
    return new Condition(holds ? Found.OVER : Found.GONE, reason);
  }

  static Condition of(double value, double threshold, String reason) {
    return new Condition(found(value, threshold), reason);
  }

  static Found found(double value, double threshold) {
    if (value > threshold) {
      return Found.OVER;
    }
    return value <= threshold * GONE_BELOW ? Found.GONE : Found.BETWEEN;
  }

  /** The worse of the two. */
  static Found worse(Found one, Found other) {
    return one.compareTo(other) <= 0 ? one : other;
  }
}
