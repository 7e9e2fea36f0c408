package io.exactlyonce.receipt.table;

import io.exactlyonce.receipt.OutputSum;
import io.exactlyonce.receipt.Receipt;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Table of the spans that receipts have of one source partition. Spans are added in any order,
 * since a partition moves between workers and their receipts between partitions of the receipts
 * topic. {@link #seal} sorts them, and look-ups are valid only after it.
 *
 * <p>Not thread-safe: a look-up remembers the span that the last one found.
 */
public final class PartitionReceipts {
  public static final int NONE = -1;

  private LongArray from = new LongArray();
  private LongArray to = new LongArray();
  private LongArray receipt = new LongArray();
  private LongArray accounted = new LongArray();
  private LongArray sums = new LongArray();
  private LongArray contents = new LongArray();
  private LongArray processed = new LongArray();
  private final LongArray reach = new LongArray();
  private final LongArray duplicates = new LongArray();
  private final LongArray deadLetters = new LongArray();
  private final LongArray delayed = new LongArray();
  private int last;

  /**
   * Adds a span.
   *
   * @param receiptNumber the caller's number of the span's receipt
   */
  public void add(Receipt.Span span, long receiptNumber) {
    from.add(span.from());
    to.add(span.to());
    receipt.add(receiptNumber);
    accounted.add(
        span.processed()
            + span.skipped()
            + span.duplicates().size()
            + span.deadLetters().size()
            + span.passed().size()
            + (long) span.delayed().size());
    sums.add(span.outputSum());
    contents.add(span.contentSum());
    processed.add(span.processed());
    addDuplicates(span);
    span.deadLetters().forEach(deadLetters::add);
    addDelayed(span);
  }

  /**
   * Adds the duplicates alone of a span that is not judged, so that none of them is taken for the
   * original of another duplicate.
   */
  public void addDuplicates(Receipt.Span span) {
    span.duplicates().forEach(duplicates::add);
  }

  /**
   * Adds the delayed records alone of a span that is not judged, since a record that went on to a
   * retry topic holds no claim.
   */
  public void addDelayed(Receipt.Span span) {
    span.delayed().forEach(delayed::add);
  }

  /** Sorts by first offset; may be called again after more was added. */
  public void seal() {
    int[] order =
        IntStream.range(0, from.size())
            .boxed()
            .sorted(Comparator.<Integer>comparingLong(i -> from.get(i)).thenComparingLong(to::get))
            .mapToInt(Integer::intValue)
            .toArray();
    from = from.inOrder(order);
    to = to.inOrder(order);
    receipt = receipt.inOrder(order);
    accounted = accounted.inOrder(order);
    sums = sums.inOrder(order);
    contents = contents.inOrder(order);
    processed = processed.inOrder(order);
    duplicates.sort();
    deadLetters.sort();
    delayed.sort();
    for (int i = 0; i < from.size(); i++) {
      long furthest = i == 0 ? to.get(0) : Math.max(reach.get(i - 1), to.get(i));
      if (i < reach.size()) {
        reach.set(i, furthest);
      } else {
        reach.add(furthest);
      }
    }
    last = 0;
  }

  /** The index of a span that holds the offset; {@link #NONE} where none does. */
  public int find(long offset) {
    if (last < size() && from.get(last) <= offset && offset < to.get(last)) {
      return last;
    }
    int index = from.lastAtMost(offset);
    // The first step finds it, except where spans overlap.
    while (index >= 0 && reach.get(index) > offset) {
      if (offset < to.get(index)) {
        last = index;
        return index;
      }
      index--;
    }
    return NONE;
  }

  public boolean isDuplicate(long offset) {
    return duplicates.indexOf(offset) >= 0;
  }

  /** How many receipts list the offset as a duplicate. */
  public int timesDuplicate(long offset) {
    return duplicatesIn(offset, offset + 1);
  }

  /** How many duplicates receipts list from {@code first} to before {@code end}. */
  public int duplicatesIn(long first, long end) {
    return duplicates.lastAtMost(end - 1) - duplicates.lastAtMost(first - 1);
  }

  public boolean isDeadLetter(long offset) {
    return deadLetters.indexOf(offset) >= 0;
  }

  /** How many receipts list the offset as a dead letter. */
  public int timesDeadLetter(long offset) {
    return deadLetters.lastAtMost(offset) - deadLetters.lastAtMost(offset - 1);
  }

  /** Whether the record went on to a retry topic. */
  public boolean isDelayed(long offset) {
    return delayed.indexOf(offset) >= 0;
  }

  public LongArray deadLetters() {
    return deadLetters;
  }

  public int size() {
    return from.size();
  }

  public long from(int index) {
    return from.get(index);
  }

  public long to(int index) {
    return to.get(index);
  }

  /**
   * The index of the last span that begins at this offset or before it; {@link #NONE} where none
   * does.
   */
  public int lastFrom(long offset) {
    return from.lastAtMost(offset);
  }

  /** One past the last offset of each span, in order. */
  public LongArray sortedEnds() {
    LongArray ends = new LongArray();
    for (int i = 0; i < to.size(); i++) {
      ends.add(to.get(i));
    }
    ends.sort();
    return ends;
  }

  /** One past the highest offset of the spans up to this one, itself included. */
  public long reach(int index) {
    return reach.get(index);
  }

  public int receipt(int index) {
    return (int) receipt.get(index);
  }

  /** How many records the span accounts for. */
  public long accounted(int index) {
    return accounted.get(index);
  }

  /** {@link OutputSum} of the span. */
  public long outputSum(int index) {
    return sums.get(index);
  }

  /** {@link OutputSum} of the keys and values of the span's outputs. */
  public long contentSum(int index) {
    return contents.get(index);
  }

  public long processed(int index) {
    return processed.get(index);
  }

  public boolean isEmpty() {
    return size() == 0;
  }

  /** The lowest offset of all spans, of which there must be one. */
  public long first() {
    return from.get(0);
  }

  /** One past the highest offset of all spans, of which there must be one. */
  public long end() {
    return reach.get(size() - 1);
  }
}
