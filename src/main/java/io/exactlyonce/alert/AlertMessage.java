package io.exactlyonce.alert;

import java.time.Instant;

/**
 * What an operator is told: an alert came, is still there, or is gone.
 *
 * @param instance which process speaks
 * @param reason what was found, with its figures; of one that is resolved what was found last
 * @param since when it was raised
 */
public record AlertMessage(
    Event event,
    AlertKind kind,
    String pipeline,
    String instance,
    String reason,
    Instant since,
    Instant at) {
  /** Why it is said. */
  public enum Event {
    RAISED,
    REMINDER,
    RESOLVED
  }

  /** In one line, for the log and for people. */
  public String text() {
    String head = kind.title() + " (" + kind.severity().text() + ") of " + pipeline;
    return switch (event) {
      case RAISED -> head + ": " + reason + "; " + kind.remedy();
      case REMINDER -> head + " since " + since + ": " + reason + "; " + kind.remedy();
      case RESOLVED -> head + " is resolved; it was there since " + since + ": " + reason;
    };
  }
}
