package io.exactlyonce.scaling;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;

/** Records a second over a period up to the last check. One thread calls it. */
final class Throughput {
  private record Point(Instant at, long done) {}

  private final Duration period;

  /** The first is the last one that is at least as old as the period, once there is such a one. */
  private final Deque<Point> points = new ArrayDeque<>();

  Throughput(Duration period) {
    this.period = period;
  }

  void add(Instant at, long done) {
    points.addLast(new Point(at, done));
    Instant from = at.minus(period);
    while (points.size() > 2
        && !points.stream().skip(1).findFirst().orElseThrow().at.isAfter(from)) {
      points.removeFirst();
    }
  }

  void clear() {
    points.clear();
  }

  boolean isKnown() {
    return points.size() > 1 && !points.peekFirst().at.isAfter(points.peekLast().at.minus(period));
  }

  double perSecond() {
    double seconds = Duration.between(points.peekFirst().at, points.peekLast().at).toMillis() / 1e3;
    return seconds <= 0 ? 0 : (points.peekLast().done - points.peekFirst().done) / seconds;
  }
}
