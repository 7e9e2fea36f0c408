package io.exactlyonce.scaling;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.OptionalDouble;

/** Finished records per second, over a time up to the last check. One thread calls it. */
final class Throughput {
  private record Point(Instant at, long done) {}

  private final Duration longest;

  /**
   * Counts at the checks. Of those that are at least as old as the longest time only the last is
   * kept.
   */
  private final Deque<Point> points = new ArrayDeque<>();

  /**
   * @param longest time that will be asked for
   */
  Throughput(Duration longest) {
    this.longest = longest;
  }

  void add(Instant at, long done) {
    points.addLast(new Point(at, done));
    Instant from = at.minus(longest);
    while (points.size() > 2
        && !points.stream().skip(1).findFirst().orElseThrow().at.isAfter(from)) {
      points.removeFirst();
    }
  }

  void clear() {
    points.clear();
  }

  /** The rate since the last check that is at least so long ago; empty where there is none. */
  OptionalDouble over(Duration time) {
    Point last = points.peekLast();
    Point begin = null;
    for (Point point : points) {
      if (!point.at.isAfter(last.at.minus(time))) {
        begin = point;
      }
    }
    if (begin == null) {
      return OptionalDouble.empty();
    }
    double seconds = Duration.between(begin.at, last.at).toMillis() / 1e3;
    return OptionalDouble.of(seconds <= 0 ? 0 : (last.done - begin.done) / seconds);
  }
}
