package io.exactlyonce.alert;

import java.time.Instant;

/**
 * A message to operators: an alert was raised, is still raised, or is resolved.
 *
 * @param instance the process that sends it
 * @param reason the finding, with its figures; of a resolved alert the last one
 * @param since when it was raised
 * @param at when the check was made
 */
public record AlertMessage(
    Event event,
    AlertKind kind,
    String pipeline,
    String instance,
    String reason,
    Instant since,
    Instant at) {
  /** The occasion of a message. */
  public enum Event {
    RAISED,
    REMINDER,
    RESOLVED
  }

  /** The message in one line, for the log and the webhook. */
  public String text() {
    String head = kind.title() + " (" + kind.severity().text() + ") of " + pipeline;
    return switch (event) {
      case RAISED -> head + ": " + reason + "; " + kind.remedy();
      case REMINDER -> head + " since " + since + ": " + reason + "; " + kind.remedy();
      case RESOLVED -> head + " is resolved; it was there since " + since + ": " + reason;
    };
  }
}
