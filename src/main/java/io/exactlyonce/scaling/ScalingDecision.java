package io.exactlyonce.scaling;

import java.time.Instant;
import java.util.Locale;

/**
 * One decision about how an instance is scaled.
 *
 * @param from workers or concurrency before it
 * @param to the same after it; equal to {@code from} where the direction is {@code HELD}
 */
public record ScalingDecision(
    Instant at, What what, Direction direction, int from, int to, String reason) {
  /** The number that is changed. */
  public enum What {
    WORKERS("workers"),
    /** Handler calls at once of each worker. */
    CONCURRENCY("handler calls at once");

    private final String unit;

    What(String unit) {
      this.unit = unit;
    }

    /** The name in metrics and {@code /pipelines}. */
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** The direction of the change. */
  public enum Direction {
    UP,
    DOWN,
    /** A step up is taken back, since it brought too little. */
    BACK,
    /** The lag calls for more workers, but there is a reason not to start any. */
    HELD;

    /** The name in metrics and {@code /pipelines}. */
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** One line for the log. */
  public String text() {
    return direction == Direction.HELD
        ? "scaling holds at " + from + " " + what.unit + ": " + reason
        : "scaling "
            + (direction.text() + " from " + from + " to " + to + " " + what.unit + ": " + reason);
  }
}
