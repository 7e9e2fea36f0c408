package io.exactlyonce.alert;

import io.exactlyonce.alert.AlertState.Found;

/**
 * What a check found of one alert.
 *
 * @param reason with the figures; empty where nothing is wrong
 */
record Condition(Found found, String reason) {
  /** A value is gone below this part of its threshold, so that it does not hover about it. */
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
