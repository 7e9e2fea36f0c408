package io.exactlyonce.lag;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Change of a lag over the last minutes.
 *
 * @param perSecond records by which it grows; below zero it shrinks
 * @param untilGone time until it is gone at this rate; null where it does not shrink, or takes more
 *     than 100 days
 */
public record Trend(double perSecond, @Nullable Duration untilGone) {
  /** A lag at one check. */
  record Point(long millis, long records) {}

  public static final Trend NONE = new Trend(0, null);

  /** Checks that have to follow a turn, so that a fluctuation is not taken for one. */
  private static final int CHECKS_BEHIND_TURN = 2;

  private static final Duration LONGEST = Duration.ofDays(100);

  /**
   * The trend by the least-squares line through the points from the last turn on. A line through
   * all points would show growth for a burst that is being worked off, as long as the quiet before
   * it is in the history.
   *
   * @param points in the order of time
   */
  static Trend of(List<Point> points) {
    if (points.size() < 2) {
      return NONE;
    }
    double slope = slope(points.subList(lastTurn(points), points.size()));
    long records = points.get(points.size() - 1).records();
    double seconds = slope < 0 ? records / -slope : Double.MAX_VALUE;
    return new Trend(
        slope,
        seconds < LONGEST.toSeconds() ? Duration.ofMillis(Math.round(seconds * 1000)) : null);
  }

  /** Index of the last highest or lowest point that enough checks follow; 0 where there is none. */
  private static int lastTurn(List<Point> points) {
    int highest = 0;
    int lowest = 0;
    for (int i = 1; i < points.size() - CHECKS_BEHIND_TURN; i++) {
      long records = points.get(i).records();
      highest = records >= points.get(highest).records() ? i : highest;
      lowest = records <= points.get(lowest).records() ? i : lowest;
    }
    int turn = 0;
    turn = isAbove(points, highest) ? Math.max(turn, highest) : turn;
    return isBelow(points, lowest) ? Math.max(turn, lowest) : turn;
  }

  private static boolean isAbove(List<Point> points, int index) {
    long records = points.get(index).records();
    return points.subList(index + 1, points.size()).stream().allMatch(p -> p.records() < records);
  }

  private static boolean isBelow(List<Point> points, int index) {
    long records = points.get(index).records();
    return points.subList(index + 1, points.size()).stream().allMatch(p -> p.records() > records);
  }

  private static double slope(List<Point> points) {
    double meanTime = points.stream().mapToLong(Point::millis).average().orElse(0);
    double meanRecords = points.stream().mapToLong(Point::records).average().orElse(0);
    double covariance = 0;
    double variance = 0;
    for (Point point : points) {
      double seconds = (point.millis() - meanTime) / 1000;
      covariance += seconds * (point.records() - meanRecords);
      variance += seconds * seconds;
    }
    return variance == 0 ? 0 : covariance / variance;
  }
}
