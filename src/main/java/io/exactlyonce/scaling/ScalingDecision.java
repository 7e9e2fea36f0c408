package io.exactlyonce.scaling;

import java.time.Instant;
import java.util.Locale;

/**
 * One decision about the number of workers of an instance.
 *
 * @param from workers before it
 * @param to workers after it; the same where the decision is to hold
 */
public record ScalingDecision(Instant at, Direction direction, int from, int to, String reason) {
  /** Which way it goes. */
  public enum Direction {
    UP,
    DOWN,
    /** A step up is taken back, because it brought too little. */
    BACK,
    /** The lag asks for more workers, and there is a reason not to start any. */
    HELD;

    /** As metrics and {@code /pipelines} write it. */
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** One line for the log. */
  public String text() {
    return direction == Direction.HELD
        ? "scaling holds at " + from + " workers: " + reason
        : "scaling " + direction.text() + " from " + from + " to " + to + " workers: " + reason;
  }
}
