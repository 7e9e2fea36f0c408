package io.exactlyonce.torture;

import java.util.List;
import java.util.Properties;
import java.util.Random;

/**
 * Options of a run, from {@code -D} properties.
 *
 * @param seconds time in which records are sent and faults are caused
 * @param seed from which the faults and their times are drawn; a new one where it is not given
 * @param rate records a second on average
 * @param delivery of the pipeline, as its setting
 * @param protocol of the group, as its setting
 * @param membership in the group, as its setting
 * @param guard store of the guard, as its setting
 * @param plant the id of the {@link PlantedBug} that the instances have; empty for none
 */
record TortureOptions(
    int seconds,
    long seed,
    int rate,
    String delivery,
    String protocol,
    String membership,
    String guard,
    String plant) {
  /** Value for a delivery or a planted bug: each of them in turn, with a table. */
  static final String ALL = "all";

  static TortureOptions of(Properties properties) {
    return new TortureOptions(
        (int) number(properties, "seconds", 60 * number(properties, "minutes", 10)),
        number(properties, "seed", new Random().nextInt(Integer.MAX_VALUE)),
        (int) number(properties, "rate", 500),
        choice(properties, "delivery", "exactly-once", "at-least-once", "at-most-once", ALL),
        choice(properties, "protocol", "classic", "consumer"),
        choice(properties, "membership", "dynamic", "static"),
        choice(properties, "guard", "redis", "off"),
        plant(properties.getProperty("plant", "")));
  }

  private static String plant(String id) {
    return id.isEmpty() || id.equals(ALL) ? id : PlantedBug.of(id).id();
  }

  /** These options with another delivery and guard. */
  TortureOptions with(String delivery, String guard) {
    return new TortureOptions(seconds, seed, rate, delivery, protocol, membership, guard, plant);
  }

  /** These options with another seed and a planted bug. */
  TortureOptions with(long seed, PlantedBug bug) {
    return new TortureOptions(seconds, seed, rate, delivery, protocol, membership, guard, bug.id());
  }

  /** The command that repeats the run. */
  String command() {
    return "mvn -Ptorture -Dseconds="
        + seconds
        + " -Dseed="
        + seed
        + " -Drate="
        + rate
        + " -Ddelivery="
        + delivery
        + " -Dprotocol="
        + protocol
        + " -Dmembership="
        + membership
        + (guard.equals("redis") ? "" : " -Dguard=" + guard)
        + (plant.isEmpty() ? "" : " -Dplant=" + plant);
  }

  private static long number(Properties properties, String key, long otherwise) {
    String text = properties.getProperty(key);
    if (text == null) {
      return otherwise;
    }
    try {
      long value = Long.parseLong(text);
      if (value >= 0) {
        return value;
      }
    } catch (NumberFormatException e) {
      // refused below
    }
    throw new IllegalArgumentException(
        "-D" + key + "=" + text + ": write a whole number, 0 or more");
  }

  private static String choice(Properties properties, String key, String... choices) {
    String text = properties.getProperty(key, choices[0]);
    if (!List.of(choices).contains(text)) {
      throw new IllegalArgumentException(
          "-D" + key + "=" + text + ": write one of " + String.join(", ", choices));
    }
    return text;
  }
}
