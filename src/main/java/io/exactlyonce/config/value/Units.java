package io.exactlyonce.config.value;

import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations and sizes as people write them: {@code 100ms}, {@code 24h}, {@code 16MB}. */
public final class Units {
  private static final Pattern NUMBER_AND_UNIT = Pattern.compile("(-?\\d+)\\s*([a-zA-Z]*)");

  private Units() {}

  /**
   * Reads a whole number and a unit: ms, s, m, h or d.
   *
   * @throws IllegalArgumentException with what is wrong and the remedy as its message
   */
  public static Duration duration(String text) {
    Matcher matcher = NUMBER_AND_UNIT.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("is not a time; write e.g. 100ms, 10s, 5m, 24h or 7d");
    }
    long millis =
        switch (matcher.group(2).toLowerCase(Locale.ROOT)) {
          case "ms" -> 1;
          case "s" -> 1_000;
          case "m" -> 60_000;
          case "h" -> 3_600_000;
          case "d" -> 86_400_000;
          default ->
              throw new IllegalArgumentException("has no unit ms, s, m, h or d; write e.g. 100ms");
        };
    return Duration.ofMillis(times(number(matcher.group(1)), millis));
  }

  /**
   * Reads a whole number and a unit: B or none, KB, MB or GB, each 1024 times the one before.
   *
   * @throws IllegalArgumentException with what is wrong and the remedy as its message
   */
  public static long bytes(String text) {
    Matcher matcher = NUMBER_AND_UNIT.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("is not a size; write e.g. 512KB or 16MB");
    }
    long unit =
        switch (matcher.group(2).toUpperCase(Locale.ROOT)) {
          case "", "B" -> 1;
          case "KB" -> 1L << 10;
          case "MB" -> 1L << 20;
          case "GB" -> 1L << 30;
          default -> throw new IllegalArgumentException("has a unit other than B, KB, MB or GB");
        };
    return times(number(matcher.group(1)), unit);
  }

  /** In seconds, or in milliseconds where seconds leave a rest: 90s, 1500ms. */
  public static String text(Duration duration) {
    long millis = duration.toMillis();
    return millis % 1000 == 0 ? millis / 1000 + "s" : millis + "ms";
  }

  /** In the largest unit that leaves no rest: 1m, 90s. */
  public static String shortest(Duration duration) {
    long millis = duration.toMillis();
    for (Unit unit : Unit.values()) {
      if (millis >= unit.millis && millis % unit.millis == 0) {
        return millis / unit.millis + unit.text;
      }
    }
    return millis + "ms";
  }

  private enum Unit {
    DAY("d", 86_400_000),
    HOUR("h", 3_600_000),
    MINUTE("m", 60_000),
    SECOND("s", 1_000);

    final String text;
    final long millis;

    Unit(String text, long millis) {
      this.text = text;
      this.millis = millis;
    }
  }

  private static long times(long number, long unit) {
    try {
      return Math.multiplyExact(number, unit);
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException("is too large a number");
    }
  }

  private static long number(String digits) {
    try {
      return Long.parseLong(digits);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("is too large a number");
    }
  }
}
