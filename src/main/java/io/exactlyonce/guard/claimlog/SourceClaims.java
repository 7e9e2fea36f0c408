package io.exactlyonce.guard.claimlog;

import io.exactlyonce.guard.MissingClaims;
import io.exactlyonce.receipt.Receipt;
import io.exactlyonce.receipt.table.PartitionReceipts;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/**
 * The claims of one source partition, by the receipts of the window and the records that are still
 * there. A receipt has the number of records that it accounts for, so each record that is gone, by
 * retention or by compaction, is found missing.
 *
 * <p>To be used in this order: {@link #add}, {@link #seal}, {@link #meet} for the records in offset
 * order, {@link #close(String)}.
 */
final class SourceClaims {
  static final String GONE = "their records were deleted";
  private static final String NO_ID = "guard.event-id finds no event id in their records";
  private static final String NO_RECEIPT = "their receipts were deleted";

  /** Most stretches of one cause; a further one is joined to the last. */
  private static final int MAX_STRETCHES = 16;

  /** Whether a record holds a claim, by its receipts. */
  enum Verdict {
    CLAIM,
    NO_CLAIM,
    /** No receipt of the window accounts for it. */
    UNKNOWN
  }

  /** A span that the reading is inside of, and how many of its records it has met. */
  private static final class Open {
    private final int span;
    private long met;

    private Open(int span) {
      this.span = span;
    }
  }

  private record Stretch(long from, long to, long most) {}

  private final TopicPartition partition;
  private final PartitionReceipts table = new PartitionReceipts();
  private final List<Open> open = new ArrayList<>(2);
  private final Map<String, List<Stretch>> missing = new LinkedHashMap<>();
  private long begin;
  private int next;

  SourceClaims(TopicPartition partition) {
    this.partition = partition;
  }

  void add(Receipt.Span span) {
    table.add(span, 0);
  }

  /**
   * Ends the adding of receipts.
   *
   * @param logBegin the first offset that is there
   */
  void seal(long logBegin) {
    table.seal();
    begin = logBegin;
  }

  boolean isEmpty() {
    return table.isEmpty();
  }

  long first() {
    return table.first();
  }

  long end() {
    return table.end();
  }

  /**
   * Takes the next record. It holds a claim where a receipt accounts for it other than as a
   * duplicate. After a rewind there are several receipts, and what one of them dropped another may
   * have processed.
   */
  Verdict meet(long offset) {
    while (next < table.size() && table.from(next) <= offset) {
      open.add(new Open(next++));
    }
    // This record lies behind their ends, so the records that they lack do not come any more.
    open.removeIf(each -> table.to(each.span) <= offset && close(each));
    if (open.isEmpty()) {
      return Verdict.UNKNOWN;
    }
    open.forEach(each -> each.met++);
    return open.size() > table.timesDuplicate(offset) ? Verdict.CLAIM : Verdict.NO_CLAIM;
  }

  /** Counts a record that holds a claim without an id; a dead letter may never have had one. */
  void postNoId(long offset) {
    if (!table.isDeadLetter(offset)) {
      miss(offset, offset + 1, 1, NO_ID);
    }
  }

  /** Counts a record that no receipt accounts for, though receipts of its time may be deleted. */
  void postNoReceipt(long offset) {
    miss(offset, offset + 1, 1, NO_RECEIPT);
  }

  /**
   * The missing claims. To be called when all records were met.
   *
   * @param why what happened to the records that were not met
   */
  List<MissingClaims.Part> close(String why) {
    while (next < table.size()) {
      open.add(new Open(next++));
    }
    open.forEach(this::close);
    open.clear();
    List<MissingClaims.Part> parts = new ArrayList<>();
    missing.forEach(
        (cause, stretches) ->
            stretches.forEach(
                stretch ->
                    parts.add(
                        new MissingClaims.Part(
                            partition + "@" + stretch.from() + "-" + (stretch.to() - 1),
                            stretch.most(),
                            cause.equals(GONE) ? why : cause))));
    return parts;
  }

  private boolean close(Open each) {
    long from = table.from(each.span);
    long to = table.to(each.span);
    long gone = Math.max(from, Math.min(to, begin));
    long lacking = table.accounted(each.span) - each.met - table.duplicatesIn(from, gone);
    if (lacking > 0) {
      // More than retention explains: compaction removed some in between, so the whole span is
      // listed.
      miss(from, lacking <= gone - from ? gone : to, lacking, GONE);
    }
    return true;
  }

  /**
   * Adds a stretch. One that adjoins or overlaps the last is joined to it; no stretch is said to
   * hold more claims than offsets.
   */
  private void miss(long from, long to, long most, String why) {
    List<Stretch> stretches = missing.computeIfAbsent(why, cause -> new ArrayList<>());
    int last = stretches.size() - 1;
    Stretch before = last < 0 ? null : stretches.get(last);
    if (before == null || (from > before.to() && stretches.size() < MAX_STRETCHES)) {
      stretches.add(new Stretch(from, to, most));
      return;
    }
    long lower = Math.min(before.from(), from);
    long upper = Math.max(before.to(), to);
    stretches.set(last, new Stretch(lower, upper, Math.min(before.most() + most, upper - lower)));
  }
}
