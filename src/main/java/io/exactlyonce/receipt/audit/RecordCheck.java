package io.exactlyonce.receipt.audit;

import static io.exactlyonce.receipt.audit.report.Finding.Kind.LOST;
import static io.exactlyonce.receipt.audit.report.Finding.Kind.UNACCOUNTED;

import io.exactlyonce.receipt.OutputSum;
import io.exactlyonce.receipt.audit.report.Findings;
import io.exactlyonce.receipt.table.PartitionReceipts;
import java.util.BitSet;
import java.util.function.IntToLongFunction;

/**
 * Checks that each record has all its outputs, once all sinks were read and the counts agree: no
 * number is missing below another, and the sum of each span equals the one in its receipt. A second
 * sum shows outputs whose key or value was altered. Spans that share offsets are judged together,
 * by the sum of their sums.
 *
 * @param hasNumbers whether outputs carry event ids, and so their numbers
 */
record RecordCheck(
    ReceiptIndex index, SourceRecords records, boolean hasNumbers, Findings findings) {

  /**
   * Spans of a partition that share offsets, from {@code first} to before {@code end}; mostly one.
   */
  private record Shared(int partition, PartitionReceipts table, int first, int end) {
    long from() {
      return table.from(first);
    }

    long to() {
      return table.reach(end - 1);
    }

    /**
     * How many records were processed by their receipts, each counted as often as it was processed.
     */
    long processed() {
      long processed = 0;
      for (int span = first; span < end; span++) {
        processed += table.processed(span);
      }
      return processed;
    }

    /** The sum in the receipts; {@link OutputSum#UNKNOWN} where one of them has none. */
    long expected(IntToLongFunction sumOf) {
      long sum = 0;
      for (int span = first; span < end; span++) {
        if (table.processed(span) > 0) {
          long of = sumOf.applyAsLong(span);
          if (of == OutputSum.UNKNOWN) {
            return OutputSum.UNKNOWN;
          }
          sum = OutputSum.join(sum, of);
        }
      }
      return sum;
    }

    long found(IntToLongFunction sumOf) {
      long sum = 0;
      for (int span = first; span < end; span++) {
        sum = OutputSum.join(sum, sumOf.applyAsLong(span));
      }
      return sum;
    }
  }

  /**
   * @param wrong receipts whose counts do not agree: they are reported already, and left out
   */
  void run(BitSet wrong) {
    long unsummed = 0;
    long unread = 0;
    for (int p = 0; p < index.partitions().size(); p++) {
      PartitionReceipts table = index.table(p);
      int next;
      for (int i = 0; i < table.size(); i = next) {
        next = i + 1;
        while (next < table.size() && table.from(next) < table.reach(next - 1)) {
          next++;
        }
        Shared spans = new Shared(p, table, i, next);
        if (isJudged(spans, wrong)) {
          unsummed += judge(spans) ? 0 : next - i;
          unread += judgeContent(spans) ? 0 : next - i;
        }
      }
    }
    if (unread > 0) {
      findings.note(
          "not judged for keys and values: the outputs of "
              + unread
              + " receipts of an older version, which do not say what they hold");
    }
    if (unsummed > 0) {
      findings.unjudged(
          String.join(",", index.topicIds().keySet()),
          unsummed
              + " receipts of an older version do not say which records had outputs: those of a"
              + " record may be missing where another has more");
    }
  }

  private boolean isJudged(Shared spans, BitSet wrong) {
    for (int span = spans.first(); span < spans.end(); span++) {
      int receipt = spans.table().receipt(span);
      if (wrong.get(index.groups().of(receipt)) || index.groups().isBlurred(receipt)) {
        return false;
      }
    }
    return spans.processed() > 0;
  }

  /** Judges the sum of outputs; false where that is not possible. */
  private boolean judge(Shared spans) {
    int p = spans.partition();
    long sum = spans.expected(spans.table()::outputSum);
    boolean isSummed = sum != OutputSum.UNKNOWN;
    return (isSummed && sum == spans.found(span -> records.sum(p, span))) || find(spans, isSummed);
  }

  /** Judges the keys and values of the outputs; false where the receipts have no sum of them. */
  private boolean judgeContent(Shared spans) {
    int p = spans.partition();
    PartitionReceipts table = spans.table();
    long content = spans.expected(table::contentSum);
    if (content == OutputSum.UNKNOWN) {
      return false;
    }
    boolean isPlaced = spans.expected(table::outputSum) == spans.found(i -> records.sum(p, i));
    if (isPlaced && content != spans.found(span -> records.contentSum(p, span))) {
      findings.add(
          UNACCOUNTED,
          index.position(p, spans.from()),
          1,
          String.format(
              "an output of the records at the offsets %d to %d has another key or value than"
                  + " receipt %s says",
              spans.from(), spans.to() - 1, index.place(table.receipt(spans.first()))));
    }
    return true;
  }

  /** Looks for the record that lacks an output; false where it cannot be told whether one does. */
  private boolean find(Shared spans, boolean isSummed) {
    int p = spans.partition();
    long without = -1;
    long with = 0;
    for (long offset = spans.from(); offset < spans.to(); offset++) {
      int hole = hasNumbers ? records.hole(p, offset) : -1;
      if (hole >= 0) {
        add(spans, offset, "output " + hole + " of this record is missing");
        return true;
      }
      boolean hasOutput = records.hasOutput(p, offset);
      with += hasOutput ? 1 : 0;
      boolean isCandidate =
          !hasOutput
              && records.holds(p, offset)
              && !spans.table().isDuplicate(offset)
              && !spans.table().isDeadLetter(offset);
      without = isCandidate && without < 0 ? offset : without;
    }
    if (isSummed) {
      add(spans, without < 0 ? spans.from() : without, "an output of its span is missing");
      return true;
    }
    return with >= spans.processed();
  }

  private void add(Shared spans, long offset, String what) {
    findings.add(
        LOST,
        index.position(spans.partition(), offset),
        1,
        String.format(
            "%s, and another record of receipt %s has one output too many",
            what, index.place(spans.table().receipt(spans.first()))));
  }
}
