package io.exactlyonce.cli.common;

import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;

/** A time as options take it: an instant, or how long ago. */
public final class When {
  private When() {}

  /**
   * @param option names it where the text is no time
   */
  public static Instant parse(String option, String text, Clock clock) throws CommandFailure {
    try {
      return text.startsWith("P")
          ? clock.instant().minus(Duration.parse(text))
          : Instant.parse(text);
    } catch (DateTimeException | ArithmeticException e) {
      throw new CommandFailure(
          option + " " + text + " is no time; write 2026-11-01T00:00:00Z or PT1H");
    }
  }
}
