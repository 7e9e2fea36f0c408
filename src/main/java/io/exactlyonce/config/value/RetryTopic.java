package io.exactlyonce.config.value;

import java.time.Duration;

/**
 * Where a record waits to be handled again, without holding anything back.
 *
 * @param delay how long it waits there
 */
public record RetryTopic(String name, Duration delay) {
  public static RetryTopic of(String group, Duration delay) {
    return new RetryTopic(prefix(group) + Units.shortest(delay), delay);
  }

  /** What the names of a group's retry topics begin with. */
  public static String prefix(String group) {
    return group + ".retry.";
  }
}
