package io.exactlyonce.demo;

import java.util.Optional;
import java.util.Properties;

/**
 * Options of a demo, from {@code -D} properties.
 *
 * @param records payments to send, without duplicates and poison
 * @param rate records a second; 0: as many as possible
 * @param exit whether to stop after the summary
 * @param faults whether an instance is killed and Redis is flushed now and then
 * @param file rows for a pipeline of the user's own, in place of payments
 * @param pipeline name of that pipeline, needed where several are configured
 * @param idField the field of a row that is its event id; else its line's number
 * @param keyField the field of a row that is its record's key; else the event id
 */
record DemoOptions(
    int records,
    int rate,
    boolean exit,
    boolean faults,
    Optional<String> file,
    Optional<String> pipeline,
    Optional<String> idField,
    Optional<String> keyField) {
  /**
   * The options of the given properties. With faults the default rate is lower, so that a run takes
   * minutes and has some.
   */
  static DemoOptions of(Properties properties) {
    boolean faults = Boolean.parseBoolean(properties.getProperty("faults", "false"));
    return new DemoOptions(
        number(properties, "records", 100_000),
        number(properties, "rate", faults ? 500 : 10_000),
        Boolean.parseBoolean(properties.getProperty("exit", "false")),
        faults,
        text(properties, "file"),
        text(properties, "pipeline"),
        text(properties, "id-field"),
        text(properties, "key-field"));
  }

  private static Optional<String> text(Properties properties, String key) {
    return Optional.ofNullable(properties.getProperty(key)).filter(text -> !text.isBlank());
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
      // refused below
    }
    throw new IllegalArgumentException(
        "-D" + key + "=" + text + ": write a whole number, 0 or more");
  }
}
