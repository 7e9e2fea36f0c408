package io.exactlyonce.alert;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;

/** By how much a counter has grown over the last ten minutes. One thread calls it. */
final class Growth {
  static final Duration PERIOD = Duration.ofMinutes(10);

  private record Point(Instant at, long value) {}

  /** The first of them is the last one that is older than the period. */
  private final Deque<Point> points = new ArrayDeque<>();

  long of(Instant now, long value) {
    points.addLast(new Point(now, value));
    Instant from = now.minus(PERIOD);
    while (points.size() > 1 && !second().at.isAfter(from)) {
      points.removeFirst();
    }
    return value - points.peekFirst().value;
  }

  private Point second() {
    return points.stream().skip(1).findFirst().orElseThrow();
  }
}
