package io.exactlyonce.receipt;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Where one source partition stopped, by receipts that come in any order: as far as they reach, and
 * after a rewind as far as those reach that were written behind it.
 */
final class PartitionEnd {
  /** Times to ends. An end that a later receipt reaches too is not kept, so it is mostly one. */
  private final TreeMap<Long, Long> ends = new TreeMap<>();

  private long rewoundAt = Long.MIN_VALUE;
  private long rewoundTo;

  void add(Receipt.Span span, long millis) {
    if (Rewind.isRewind(span)) {
      if (millis >= rewoundAt) {
        rewoundAt = millis;
        rewoundTo = span.to();
      }
      return;
    }
    Map.Entry<Long, Long> later = ends.ceilingEntry(millis);
    if (later != null && later.getValue() >= span.to()) {
      return;
    }
    ends.headMap(millis, true).values().removeIf(end -> end <= span.to());
    ends.put(millis, span.to());
  }

  static <K> Map<K, Long> offsets(Map<K, PartitionEnd> ends) {
    Map<K, Long> offsets = new HashMap<>();
    ends.forEach((key, end) -> offsets.put(key, end.offset()));
    return offsets;
  }

  long offset() {
    Map.Entry<Long, Long> furthest = ends.higherEntry(rewoundAt);
    return rewoundAt == Long.MIN_VALUE
        ? ends.firstEntry().getValue()
        : Math.max(rewoundTo, furthest == null ? 0 : furthest.getValue());
  }
}
