package io.exactlyonce.scaling;

import java.time.Instant;
import java.util.Locale;

/**
 * One decision about how an instance is scaled.
 *
 * @param from workers or concurrency before it
 * @param to the same after it; no other where the decision is to hold
 */
public record ScalingDecision(
    Instant at, What what, Direction direction, int from, int to, String reason) {
  /** What is changed. */
  public enum What {
    WORKERS("workers"),
    /** Of each worker. */
    CONCURRENCY("handler calls at once");

    private final String unit;

    What(String unit) {
      this.unit = unit;
    }

    /** As metrics and {@code /pipelines} write it. */
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

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
        ? "scaling holds at " + from + " " + what.unit + ": " + reason
        : "scaling "
            + (direction.text() + " from " + from + " to " + to + " " + what.unit + ": " + reason);
  }
}
