package io.exactlyonce.receipt.table;

import java.util.Map;
import java.util.TreeMap;

/**
 * Counts how many ranges cover each offset. Ranges that join take no memory at the joint: the
 * receipts of a year that join end to end are two numbers.
 */
public final class Steps {
  private final TreeMap<Long, Integer> changes = new TreeMap<>();
  private long knownFrom;
  private long knownTo;
  private int known;

  public void add(long from, long to) {
    if (from < to) {
      change(from, 1);
      change(to, -1);
    }
  }

  private void change(long offset, int by) {
    knownTo = knownFrom;
    changes.merge(offset, by, (a, b) -> a + b == 0 ? null : Integer.valueOf(a + b));
  }

  /**
   * How many ranges cover the offset. Sums up all changes before it, unless it lies between the
   * same two changes as the offset of the last call.
   */
  public int at(long offset) {
    if (offset < knownFrom || offset >= knownTo) {
      known = 0;
      for (int change : changes.headMap(offset, true).values()) {
        known += change;
      }
      Long before = changes.floorKey(offset);
      knownFrom = before == null ? Long.MIN_VALUE : before;
      knownTo = nextAfter(offset);
    }
    return known;
  }

  /**
   * The first offset after this one at which the count changes; the largest long if there is none.
   */
  public long nextAfter(long offset) {
    Map.Entry<Long, Integer> next = changes.higherEntry(offset);
    return next == null ? Long.MAX_VALUE : next.getKey();
  }

  public boolean isEmpty() {
    return changes.isEmpty();
  }

  /** One past the highest offset that is covered; 0 where none is. */
  public long end() {
    return isEmpty() ? 0 : changes.lastKey();
  }

  public long first() {
    return isEmpty() ? Long.MAX_VALUE : changes.firstKey();
  }
}
