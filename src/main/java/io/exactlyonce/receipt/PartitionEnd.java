package io.exactlyonce.receipt;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * The offset at which one source partition continues, from receipts in any order: the furthest end;
 * after a rewind, the furthest end of the receipts written after it, or else the rewind's target.
 */
final class PartitionEnd {
  /**
   * Ends by the times of their receipts, in ms since the epoch. An end that a later receipt reaches
   * too is removed, so there is mostly one.
   */
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
