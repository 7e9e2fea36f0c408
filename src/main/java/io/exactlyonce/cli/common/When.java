package io.exactlyonce.cli.common;

import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;

/**
 * Times of options: an instant ({@code 2026-11-01T00:00:00Z}), or an ISO 8601 duration ago ({@code
 * PT1H}).
 */
public final class When {
  private When() {}

  /**
   * @param option name of the option, for the message
   * @throws CommandFailure where the text is neither an instant nor a duration
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
