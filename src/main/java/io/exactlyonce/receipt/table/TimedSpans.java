package io.exactlyonce.receipt.table;

import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Ranges of one source partition that receipts cover, with their times. It holds those written
 * shortly before the cut, the time from which an audit judges receipts. Ranges that join within a
 * minute are kept as one, with the time of the first. {@link #seal} sorts them, and look-ups by
 * time are valid only after it.
 */
public final class TimedSpans {
  private static final long JOINED_MILLIS = 60_000;

  private final Steps covered = new Steps();
  private LongArray from = new LongArray();
  private LongArray to = new LongArray();
  private LongArray millis = new LongArray();
  private LongArray reach = new LongArray();

  public void add(long first, long end, long time) {
    covered.add(first, end);
    int last = from.size() - 1;
    long since = last < 0 ? -1 : time - millis.get(last);
    if (last >= 0 && to.get(last) == first && since >= 0 && since < JOINED_MILLIS) {
      to.set(last, end);
    } else {
      from.add(first);
      to.add(end);
      millis.add(time);
    }
  }

  /** Sorts by first offset; may be called again after more was added. */
  public void seal() {
    int[] order =
        IntStream.range(0, from.size())
            .boxed()
            .sorted(Comparator.comparingLong(from::get))
            .mapToInt(Integer::intValue)
            .toArray();
    from = from.inOrder(order);
    to = to.inOrder(order);
    millis = millis.inOrder(order);
    reach = new LongArray();
    for (int i = 0; i < from.size(); i++) {
      reach.add(i == 0 ? to.get(0) : Math.max(reach.get(i - 1), to.get(i)));
    }
  }

  public boolean covers(long offset) {
    return covered.at(offset) > 0;
  }

  /**
   * Time of the last receipt of the offset, in ms since the epoch; the lowest long where none
   * covers it.
   */
  public long latest(long offset) {
    long latest = Long.MIN_VALUE;
    for (int i = from.lastAtMost(offset); i >= 0 && reach.get(i) > offset; i--) {
      latest = to.get(i) > offset ? Math.max(latest, millis.get(i)) : latest;
    }
    return latest;
  }

  /** The lowest offset in a range of this time or later; the largest long if there is none. */
  public long firstSince(long time) {
    long first = Long.MAX_VALUE;
    for (int i = 0; i < from.size(); i++) {
      first = millis.get(i) >= time ? Math.min(first, from.get(i)) : first;
    }
    return first;
  }

  /** One past the highest offset that is covered; 0 where none is. */
  public long end() {
    return covered.end();
  }
}
