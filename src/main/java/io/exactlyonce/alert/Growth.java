package io.exactlyonce.alert;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;

/** Growth of a counter over the last while, such as ten minutes. One thread calls it. */
final class Growth {
  private record Point(Instant at, long value) {}

  /**
   * Values at the checks. Of those that are at least as old as the period only the last is kept.
   */
  private final Deque<Point> points = new ArrayDeque<>();

  private final Duration period;

  Growth(Duration period) {
    this.period = period;
  }

  long of(Instant now, long value) {
    points.addLast(new Point(now, value));
    Instant from = now.minus(period);
    while (points.size() > 1 && !second().at.isAfter(from)) {
      points.removeFirst();
    }
    return value - points.peekFirst().value;
  }

  private Point second() {
    return points.stream().skip(1).findFirst().orElseThrow();
  }
}
