package io.exactlyonce.config.value;

import java.time.Duration;

/**
 * A topic in which records wait to be handled again, while the records behind them go on.
 *
 * @param name {@code <group>.retry.<delay>}
 * @param delay how long each record waits
 */
public record RetryTopic(String name, Duration delay) {
  public static RetryTopic of(String group, Duration delay) {
    return new RetryTopic(prefix(group) + Units.shortest(delay), delay);
  }

  /** Beginning of the names of a group's retry topics. */
  public static String prefix(String group) {
    return group + ".retry.";
  }
}
