package io.exactlyonce.receipt.audit;

import static io.exactlyonce.receipt.audit.report.Finding.Kind.DUPLICATED;
import static io.exactlyonce.receipt.audit.report.Finding.Kind.LOST;
import static io.exactlyonce.receipt.audit.report.Finding.Kind.UNACCOUNTED;
import static java.util.Objects.requireNonNull;

import io.exactlyonce.receipt.audit.report.Finding;
import io.exactlyonce.receipt.audit.report.Findings;
import io.exactlyonce.receipt.table.LongArray;
import io.exactlyonce.receipt.table.PartitionReceipts;
import java.util.function.IntConsumer;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Checks that the receipts of a source partition join end to end, from the first record that is
 * there or the first receipt, whichever is lower, up to the committed offset. Each offset below
 * that must be in one receipt, and in one more for each rewind that gave it back. Each offset above
 * it must be in none, except those that a rewind gave back and that are not yet processed again.
 */
final class ChainCheck {
  private final ReceiptIndex index;
  private final @Nullable Findings findings;
  private final int partition;
  private final SourcePartition source;
  private final PartitionReceipts table;
  private final long begin;
  private final long before;
  private final long after;
  private final LongArray ends;
  private long gapFrom = -1;
  private long backFrom = -1;
  private long lackFrom = -1;
  private long again;
  private long blurFrom = -1;
  private long blurTo;
  private boolean isBroken;

  /**
   * @param findings null to learn only whether the receipts join
   * @param begin the source partition's first offset
   * @param before the group's offset, read before the receipts, which must reach it
   * @param after the group's offset, read after the receipts, which must not go past it
   */
  ChainCheck(
      ReceiptIndex index,
      @Nullable Findings findings,
      int partition,
      long begin,
      long before,
      long after) {
    this.index = index;
    this.findings = findings;
    this.partition = partition;
    this.source = index.source(partition);
    this.table = source.table;
    this.begin = begin;
    this.before = before;
    this.after = after;
    this.ends = table.sortedEnds();
  }

  /** Runs the check; false where a receipt is missing. */
  boolean run() {
    int opened = 0;
    int closed = 0;
    long at = Math.min(Math.min(begin, source.first()), Math.min(before, after));
    while (at != Long.MAX_VALUE) {
      while (opened < table.size() && table.from(opened) <= at) {
        opened++;
      }
      while (closed < ends.size() && ends.get(closed) <= at) {
        closed++;
      }
      long next = Math.min(source.early.nextAfter(at), source.again.nextAfter(at));
      next = opened < table.size() ? Math.min(next, table.from(opened)) : next;
      next = closed < ends.size() ? Math.min(next, ends.get(closed)) : next;
      for (long bound : new long[] {begin, before, after}) {
        next = bound > at ? Math.min(next, bound) : next;
      }
      stretch(at, next, opened - closed);
      at = next;
    }
    if (findings != null) {
      tellOfAgain(findings);
    }
    return !isBroken;
  }

  private void tellOfAgain(Findings findings) {
    if (again > 0) {
      findings.note(
          again
              + " records of "
              + index.partitions().get(partition)
              + " were processed again on purpose, after a rewind");
    }
    if (blurFrom >= 0) {
      findings.unjudged(
          index.position(partition, blurFrom) + "-" + (blurTo - 1),
          "were processed before the judged receipts and again in them: how many outputs they have"
              + " was not judged");
    }
  }

  /**
   * Judges a range of offsets, all of which are in the same receipts.
   *
   * @param judged number of judged receipts that hold them
   */
  private void stretch(long from, long to, int judged) {
    int all = judged + (source.early.isEmpty() ? 0 : source.early.at(from));
    int owed = source.again.isEmpty() ? 0 : source.again.at(from);
    // After its first receipt the group has read all offsets, even if records are deleted by now.
    boolean isDue = from >= begin || from >= source.first();
    boolean isGap = all == 0 && isDue && from < Math.max(before, source.end());
    if (isGap && gapFrom < 0) {
      gapFrom = from;
    } else if (!isGap && gapFrom >= 0) {
      gap(gapFrom, from);
      gapFrom = -1;
    }
    boolean isBack = from >= after && all > owed;
    if (isBack && backFrom < 0) {
      backFrom = from;
    } else if (!isBack && backFrom >= 0) {
      setBack(backFrom, from);
      backFrom = -1;
    }
    boolean isOwed = all > 0 && all <= owed;
    boolean isLacking = isOwed && from < before;
    if (isLacking && lackFrom < 0) {
      lackFrom = from;
    } else if (!isLacking && lackFrom >= 0) {
      lack(lackFrom, from);
      lackFrom = -1;
    }
    if (isOwed && findings != null) {
      eachSpan(from, span -> index.groups().owe(table.receipt(span)));
    }
    if (all > 1 && judged > 0) {
      overlap(from, to, all, owed);
    }
  }

  private void gap(long from, long to) {
    int earlier = table.find(from - 1);
    boolean isLast = to >= source.end();
    boolean isBeforeCut =
        index.isCut()
            && earlier == PartitionReceipts.NONE
            && table.find(to) == PartitionReceipts.NONE
            && !isLast;
    if (isBeforeCut) {
      return;
    }
    long written = from == source.earlyEnd ? source.earlyMillis : Long.MIN_VALUE;
    if (earlier != PartitionReceipts.NONE) {
      written = index.millis(table.receipt(earlier));
    }
    if (index.mayBeDeleted(written)) {
      source.unjudged.add(from, to);
      unjudged(from, to, "no receipt accounts for them, and receipts of that time were deleted");
      return;
    }
    isBroken = true;
    add(
        LOST,
        from,
        to,
        isLast
            ? "the group stands at " + to + ", but no receipt accounts for " + from + " onwards"
            : "no receipt accounts for the offsets " + from + " to " + (to - 1));
  }

  /**
   * Reports offsets that a rewind gave back and that the group has passed again without a receipt.
   */
  private void lack(long from, long to) {
    if (index.mayBeDeleted(Long.MIN_VALUE)) {
      unjudged(
          from,
          to,
          "were given back by a rewind, and receipts that may account for them were deleted");
      return;
    }
    isBroken = true;
    add(
        LOST,
        from,
        to,
        "a rewind gave the offsets "
            + from
            + " to "
            + (to - 1)
            + " back, and no receipt says that they were processed again");
  }

  /** Adds a finding, unless only the chain is to be checked. */
  private void add(Finding.Kind kind, long from, long to, String sentence) {
    if (findings != null) {
      findings.add(kind, index.position(partition, from), to - from, sentence);
    }
  }

  private void unjudged(long from, long to, String why) {
    if (findings != null) {
      findings.unjudged(index.position(partition, from) + "-" + (to - 1), why);
    }
  }

  /** Visits the judged spans that hold the offset, the one that begins last first. */
  private void eachSpan(long offset, IntConsumer visitor) {
    for (int i = table.lastFrom(offset); i >= 0 && table.reach(i) > offset; i--) {
      if (table.to(i) > offset) {
        visitor.accept(i);
      }
    }
  }

  private void setBack(long from, long to) {
    add(
        UNACCOUNTED,
        from,
        to,
        "the group was set back to " + after + ", though receipts reach " + to);
  }

  private void overlap(long from, long to, int all, int owed) {
    if (findings == null) {
      return;
    }
    int last = PartitionReceipts.NONE;
    int other = PartitionReceipts.NONE;
    for (int i = table.lastFrom(from); i >= 0 && table.reach(i) > from; i--) {
      if (table.to(i) > from) {
        source.overlapping.set(i);
        if (last != PartitionReceipts.NONE) {
          index.groups().join(table.receipt(i), table.receipt(last));
        }
        other = last == PartitionReceipts.NONE ? other : i;
        last = last == PartitionReceipts.NONE ? i : last;
      }
    }
    if (!source.early.isEmpty() && source.early.at(from) > 0) {
      index.groups().blur(table.receipt(last));
      blurFrom = blurFrom < 0 ? from : blurFrom;
      blurTo = to;
    }
    if (all <= 1 + owed) {
      again += to - from;
      return;
    }
    source.isDoubled = true;
    findings.add(
        DUPLICATED,
        index.position(partition, from),
        (to - from) * (all - 1 - owed),
        String.format(
            "the offsets %d to %d are in the receipts %s and %s",
            from,
            to - 1,
            other == PartitionReceipts.NONE
                ? "before those judged"
                : index.place(table.receipt(other)),
            index.place(table.receipt(last))));
  }

  /** Checks each partition of the index. */
  static void runAll(
      ReceiptIndex index,
      Findings findings,
      java.util.Map<TopicPartition, Long> begins,
      java.util.Map<TopicPartition, Long> before,
      java.util.Map<TopicPartition, Long> after) {
    for (int p = 0; p < index.partitions().size(); p++) {
      TopicPartition partition = index.partitions().get(p);
      new ChainCheck(
              index,
              findings,
              p,
              requireNonNull(begins.get(partition)),
              before.getOrDefault(partition, 0L),
              after.getOrDefault(partition, 0L))
          .run();
    }
    index.groups().spread();
  }
}
