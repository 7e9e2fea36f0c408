package io.exactlyonce.receipt.audit;

import static io.exactlyonce.receipt.audit.Finding.Kind.LOST;

import io.exactlyonce.receipt.OutputSum;
import io.exactlyonce.receipt.SpanTable;
import java.util.BitSet;

/**
 * Whether each record has the outputs that it had, once all sinks were read and the counts agree:
 * no number is missing below another, and the sum of each span is the one that its receipt holds.
 *
 * @param hasNumbers whether outputs carry event ids, and so their numbers
 */
record RecordCheck(Ledger ledger, SourceRecords records, boolean hasNumbers, Findings findings) {

  /**
   * @param wrong receipts whose counts do not agree, which says more
   */
  void run(BitSet wrong) {
    long unsummed = 0;
    for (int p = 0; p < ledger.partitions().size(); p++) {
      SourcePartition source = ledger.source(p);
      for (int i = 0; i < source.table.size(); i++) {
        boolean isJudged =
            !source.overlapping.get(i)
                && !wrong.get(ledger.group(source.table.receipt(i)))
                && source.table.processed(i) > 0;
        if (isJudged && !judge(p, i, source.table)) {
          unsummed++;
        }
      }
    }
    if (unsummed > 0) {
      findings.unjudged(
          String.join(",", ledger.topicIds().keySet()),
          unsummed
              + " receipts of an older version do not say which records had outputs: those of a"
              + " record may be missing where another has more");
    }
  }

  /** False where it cannot be told. */
  private boolean judge(int p, int span, SpanTable table) {
    long sum = table.outputSum(span);
    boolean isSummed = sum != OutputSum.UNKNOWN;
    if (isSummed && sum == records.sum(p, span)) {
      return true;
    }
    long without = -1;
    long with = 0;
    for (long offset = table.from(span); offset < table.to(span); offset++) {
      int hole = hasNumbers ? records.hole(p, offset) : -1;
      if (hole >= 0) {
        add(p, offset, span, "output " + hole + " of this record is missing");
        return true;
      }
      boolean hasOutput = records.hasOutput(p, offset);
      with += hasOutput ? 1 : 0;
      boolean isCandidate =
          !hasOutput
              && records.holds(p, offset)
              && !table.isDuplicate(offset)
              && !table.isDeadLetter(offset);
      without = isCandidate && without < 0 ? offset : without;
    }
    if (isSummed) {
      add(p, without < 0 ? table.from(span) : without, span, "an output of its span is missing");
      return true;
    }
    return with >= table.processed(span);
  }

  private void add(int p, long offset, int span, String what) {
    findings.add(
        LOST,
        ledger.position(p, offset),
        1,
        String.format(
            "%s, and another record of receipt %s has one too many",
            what, ledger.place(ledger.table(p).receipt(span))));
  }
}
