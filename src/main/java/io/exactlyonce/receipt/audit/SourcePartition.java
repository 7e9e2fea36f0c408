package io.exactlyonce.receipt.audit;

import io.exactlyonce.receipt.Receipt;
import io.exactlyonce.receipt.table.PartitionReceipts;
import io.exactlyonce.receipt.table.Steps;
import io.exactlyonce.receipt.table.TimedSpans;
import java.util.BitSet;

/** Tables of the receipts of one source partition. */
final class SourcePartition {
  /** Spans of the receipts that are judged. */
  final PartitionReceipts table = new PartitionReceipts();

  /** Ranges that receipts before the cut cover. */
  final Steps early = new Steps();

  /** The later ones of these ranges, with the times of their receipts. */
  final TimedSpans timed = new TimedSpans();

  /** Ranges that rewinds gave back to be processed again. */
  final Steps again = new Steps();

  /** Ranges whose receipts are missing, and may have been deleted. */
  final Steps unjudged = new Steps();

  /** Indexes of the spans that share offsets with others. */
  final BitSet overlapping = new BitSet();

  /** How many rewinds there were. */
  int rewinds;

  /** Whether offsets are in more receipts than rewinds explain. */
  boolean isDoubled;

  long earlyEnd = -1;
  long earlyMillis = Long.MIN_VALUE;

  /** Time of the first receipt before the cut, in ms since the epoch. */
  long firstEarlyMillis = Long.MAX_VALUE;

  /**
   * Adds a span of a receipt before the cut.
   *
   * @param isTimed whether the time is to be kept
   */
  void addEarly(Receipt.Span span, long time, boolean isTimed) {
    early.add(span.from(), span.to());
    table.addDuplicates(span);
    table.addDelayed(span);
    if (isTimed) {
      timed.add(span.from(), span.to(), time);
    }
    firstEarlyMillis = Math.min(firstEarlyMillis, time);
    if (span.to() > earlyEnd) {
      earlyEnd = span.to();
      earlyMillis = time;
    }
  }

  void seal() {
    table.seal();
    timed.seal();
  }

  /** Whether a receipt accounts for the offset. */
  boolean covers(long offset) {
    return table.find(offset) != PartitionReceipts.NONE
        || (!early.isEmpty() && early.at(offset) > 0);
  }

  long first() {
    return Math.min(table.isEmpty() ? Long.MAX_VALUE : table.first(), early.first());
  }

  long end() {
    return Math.max(table.isEmpty() ? 0 : table.end(), early.end());
  }

  /** How many receipts account for the offset. */
  int covering(long offset) {
    int covering = early.isEmpty() ? 0 : early.at(offset);
    for (int i = table.lastFrom(offset); i >= 0 && table.reach(i) > offset; i--) {
      covering += table.to(i) > offset ? 1 : 0;
    }
    return covering;
  }
}
