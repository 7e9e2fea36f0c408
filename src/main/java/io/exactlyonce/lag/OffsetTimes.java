package io.exactlyonce.lag;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * End offsets of a partition's log, with the times at which checks found them. They tell when a
 * record was appended without reading it.
 *
 * <p>At most {@code MAX_POINTS} are kept. When there are more, every second one of the older half
 * is dropped: they reach back without a limit, and are sparser the older they are.
 */
final class OffsetTimes {
  /** The record at {@code offset} was appended at {@code millis} or later. */
  private record Point(long offset, long millis) {}

  private static final int MAX_POINTS = 128;

  private final List<Point> points = new ArrayList<>();

  /** Whether the first point is a record's timestamp instead of a check's. */
  private boolean anchored;

  /**
   * Adds the end that a check has found. While it does not move, its first and its last time are
   * kept.
   */
  void add(long end, long millis) {
    dropAbove(end);
    int size = points.size();
    if (size >= 2 && points.get(size - 1).offset == end && points.get(size - 2).offset == end) {
      points.remove(size - 1);
    }
    points.add(new Point(end, millis));
    if (points.size() > MAX_POINTS) {
      thin();
    }
  }

  /**
   * Adds the timestamp of a record before all checks as first point, so that times between are
   * interpolated too. It replaces an earlier one.
   */
  void anchor(RecordTime known) {
    if (anchored) {
      points.remove(0);
      anchored = false;
    }
    if (!points.isEmpty()
        && known.offset() < points.get(0).offset
        && known.timestamp() <= points.get(0).millis) {
      points.add(0, new Point(known.offset(), known.timestamp()));
      anchored = true;
    }
  }

  /**
   * Drops points above the end, where a new leader has truncated the log: the records that are
   * there by now were appended later.
   */
  private void dropAbove(long end) {
    points.removeIf(point -> point.offset > end);
    anchored &= !points.isEmpty();
  }

  private void thin() {
    for (int i = MAX_POINTS / 2; i > 0; i -= 2) {
      points.remove(i);
    }
  }

  /**
   * When the record at the offset was appended, in ms since the epoch; empty where that was before
   * the first point.
   */
  OptionalLong timeOf(long offset) {
    if (!reaches(offset)) {
      return OptionalLong.empty();
    }
    Point before = points.get(0);
    for (Point point : points) {
      if (point.offset > offset) {
        double part = (double) (offset - before.offset) / (point.offset - before.offset);
        return OptionalLong.of(before.millis + Math.round(part * (point.millis - before.millis)));
      }
      before = point;
    }
    return OptionalLong.of(before.millis);
  }

  boolean reaches(long offset) {
    return !points.isEmpty() && points.get(0).offset <= offset;
  }

  /** Whether the points of checks, without a record's timestamp, reach back to the offset. */
  boolean isSampled(long offset) {
    int first = anchored ? 1 : 0;
    return points.size() > first && points.get(first).offset <= offset;
  }

  /** The time of the first point, which must be there. */
  long first() {
    return points.get(0).millis;
  }
}
