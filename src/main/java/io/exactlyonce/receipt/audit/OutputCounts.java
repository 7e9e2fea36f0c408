package io.exactlyonce.receipt.audit;

import static io.exactlyonce.receipt.audit.report.Finding.Kind.LOST;
import static io.exactlyonce.receipt.audit.report.Finding.Kind.UNACCOUNTED;

import io.exactlyonce.receipt.audit.report.Findings;
import io.exactlyonce.receipt.table.PartitionReceipts;
import java.util.BitSet;

/**
 * Compares how many outputs of each receipt were found in one sink with the number that the receipt
 * counts.
 */
final class OutputCounts {
  private final String sink;
  private final ReceiptIndex index;
  private final Trim trim;
  private final Findings findings;
  private final long[] found;

  OutputCounts(String sink, ReceiptIndex index, Trim trim, Findings findings) {
    this.sink = sink;
    this.index = index;
    this.trim = trim;
    this.findings = findings;
    this.found = new long[index.receipts()];
  }

  String sink() {
    return sink;
  }

  /** The deletions at the beginning of the sink. */
  Trim trim() {
    return trim;
  }

  void add(int receipt) {
    found[receipt]++;
  }

  /**
   * Reports receipts whose counts do not agree. Receipts that share offsets are counted together.
   *
   * @param isCompacted whether the sink is compacted, and so may have lost outputs whose key came
   *     again
   * @param wrong gets the receipts whose counts do not agree
   */
  void judge(boolean isCompacted, BitSet wrong) {
    BitSet unknown = unknown();
    if (!unknown.isEmpty()) {
      findings.unjudged(
          sink, "its beginning was deleted: " + unknown.cardinality() + " receipts are older");
    }
    long[] expected = new long[found.length];
    for (int receipt = found.length - 1; receipt >= 0; receipt--) {
      expected[receipt] += index.expected(sink, receipt);
      int group = index.groups().of(receipt);
      if (group != receipt) {
        expected[group] += expected[receipt];
        found[group] += found[receipt];
        expected[receipt] = 0;
        found[receipt] = 0;
      }
    }
    for (int receipt = 0; receipt < found.length; receipt++) {
      boolean isFewer = found[receipt] < expected[receipt];
      boolean isMore = found[receipt] > expected[receipt];
      if (isMore && index.groups().isOwed(receipt)) {
        wrong.set(receipt);
        findings.unjudged(
            index.where(receipt),
            "a rewind gave records of its receipt back: how many outputs they have now was not"
                + " judged");
        continue;
      }
      if (index.groups().isCountable(receipt)
          && (isMore || (isFewer && !isCompacted && !unknown.get(receipt)))) {
        wrong.set(receipt);
        count(receipt, expected[receipt]);
      }
      if (unknown.get(receipt)) {
        wrong.set(receipt); // not to be judged record by record either
      }
    }
  }

  private void count(int receipt, long expected) {
    findings.add(
        found[receipt] < expected ? LOST : UNACCOUNTED,
        index.where(receipt),
        Math.abs(expected - found[receipt]),
        String.format(
            "receipt %s counts %d outputs to %s, and %d are there",
            index.place(receipt), expected, sink, found[receipt]));
  }

  /** Receipts that may count outputs which were deleted. */
  private BitSet unknown() {
    BitSet unknown = new BitSet();
    if (trim.isEmpty()) {
      return unknown;
    }
    for (int p = 0; p < index.partitions().size(); p++) {
      PartitionReceipts table = index.table(p);
      for (int i = 0; i < table.size(); i++) {
        int receipt = table.receipt(i);
        if (index.expected(sink, receipt) > 0
            && !trim.isWhole(p, table.from(i), index.millis(receipt))) {
          unknown.set(receipt);
          unknown.set(index.groups().of(receipt));
        }
      }
    }
    return unknown;
  }
}
