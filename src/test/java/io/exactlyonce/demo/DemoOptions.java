package io.exactlyonce.demo;

import java.util.Properties;

/**
 * What a demo takes as {@code -D} properties.
 *
 * @param records payments to pour in, duplicates and poison not counted
 * @param rate records a second; 0: as fast as it goes
 * @param exit whether to stop after the summary
 */
record DemoOptions(int records, int rate, boolean exit) {
  static DemoOptions of(Properties properties) {
    return new DemoOptions(
        number(properties, "records", 100_000),
        number(properties, "rate", 10_000),
        Boolean.parseBoolean(properties.getProperty("exit", "false")));
  }

  private static int number(Properties properties, String key, int otherwise) {
    String text = properties.getProperty(key);
    if (text == null) {
      return otherwise;
    }
    try {
      int value = Integer.parseInt(text);
      if (value >= 0) {
        return value;
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw new IllegalArgumentException(
        "-D" + key + "=" + text + ": write a whole number, 0 or more");
  }
}
