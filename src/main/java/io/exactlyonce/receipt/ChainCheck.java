package io.exactlyonce.receipt;

import static io.exactlyonce.receipt.Finding.Kind.DUPLICATED;
import static io.exactlyonce.receipt.Finding.Kind.LOST;
import static io.exactlyonce.receipt.Finding.Kind.UNACCOUNTED;

import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/** Whether the receipts of each source partition join end to end, up to the committed offset. */
record ChainCheck(Ledger ledger, Findings findings) {

  /**
   * @param before the group's offsets, read before the receipts were: these must reach them
   * @param after read after the receipts: they must reach these
   */
  void run(Map<TopicPartition, Long> before, Map<TopicPartition, Long> after) {
    for (int p = 0; p < ledger.partitions().size(); p++) {
      if (ledger.hasJudged(p)) {
        join(p);
        TopicPartition partition = ledger.partitions().get(p);
        reach(p, before.getOrDefault(partition, 0L), after.getOrDefault(partition, 0L));
      }
    }
  }

  private void join(int p) {
    SpanTable table = ledger.table(p);
    for (int i = ledger.start(p) + 1; i < table.size(); i++) {
      long reached = table.reach(i - 1);
      long from = table.from(i);
      if (from > reached) {
        findings.add(
            LOST,
            ledger.position(p, reached),
            from - reached,
            "no receipt accounts for the offsets " + reached + " to " + (from - 1));
      } else if (from < reached) {
        overlap(p, i, Math.min(reached, table.to(i)));
      }
    }
  }

  private void overlap(int p, int index, long end) {
    SpanTable table = ledger.table(p);
    long from = table.from(index);
    ledger.markUncountable(table.receipt(index));
    int earlier = index - 1;
    for (int j = index - 1; j >= 0 && table.reach(j) > from; j--) {
      if (table.to(j) > from) {
        ledger.markUncountable(table.receipt(j));
        earlier = j;
      }
    }
    findings.add(
        DUPLICATED,
        ledger.position(p, from),
        end - from,
        String.format(
            "the offsets %d to %d are in the receipts %s and %s",
            from,
            end - 1,
            ledger.place(table.receipt(earlier)),
            ledger.place(table.receipt(index))));
  }

  private void reach(int p, long before, long after) {
    long end = ledger.table(p).end();
    if (end < before) {
      findings.add(
          LOST,
          ledger.position(p, end),
          before - end,
          "the group stands at " + before + ", but no receipt accounts for " + end + " onwards");
    } else if (end > after) {
      findings.add(
          UNACCOUNTED,
          ledger.position(p, after),
          end - after,
          "the group was set back to " + after + ", though receipts reach " + end);
    }
  }
}
