package io.exactlyonce.lag;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * When a partition's log ended where, as far as checks have seen it: by that it can be told when a
 * record was appended without reading it.
 *
 * <p>It keeps so many points at the most. When they are too many every second one of the older half
 * goes: it reaches back without end, and the further back the coarser.
 */
final class OffsetTimes {
  /** The record at {@code offset} was appended at {@code millis} or later. */
  private record Point(long offset, long millis) {}

  private static final int MAX_POINTS = 128;

  private final List<Point> points = new ArrayList<>();

  /** Whether the first point is a record's timestamp and not a check. */
  private boolean anchored;

  /** A check has found the end. While it does not move the first and the last time are kept. */
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

  /** A record before all checks has a timestamp: the times between are interpolated too. */
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

  /** The log was cut, as a new leader may have to: what is there now was appended later. */
  private void dropAbove(long end) {
    points.removeIf(point -> point.offset > end);
    anchored &= !points.isEmpty();
  }

  private void thin() {
    for (int i = MAX_POINTS / 2; i > 0; i -= 2) {
      points.remove(i);
    }
  }

  /** When the record at the offset was appended; empty where that was before the first point. */
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

  /** Whether checks alone, without a record's timestamp, reach back to it. */
  boolean isSampled(long offset) {
    int first = anchored ? 1 : 0;
    return points.size() > first && points.get(first).offset <= offset;
  }

  /** The time of the first point; only where there is one. */
  long first() {
    return points.get(0).millis;
  }
}
