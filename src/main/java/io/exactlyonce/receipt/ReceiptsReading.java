package io.exactlyonce.receipt;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/** Reads the receipts of a group that may be running, up to a cut at which they join. */
record ReceiptsReading(AuditScope scope, LogOffsets offsets, LogReader reader) {
  /** Clocks of workers differ, and a receipt is stamped before it is written. */
  private static final Duration SKEW = Duration.ofMinutes(1);

  private static final int MOST_ROUNDS = 4;

  /**
   * Fills the ledger and seals it.
   *
   * <p>A partition that just moved has its last receipts in two partitions of the receipts topic,
   * and the later one may be read first. It was written after the earlier one was committed,
   * though, so another reading up to a high watermark taken now finds what is missing: a gap that
   * outlasts some rounds is none of the reading's.
   */
  void fill(Ledger ledger, Map<TopicPartition, Long> committed) {
    List<TopicPartition> partitions = offsets.partitions(List.of(scope.receipts()));
    Map<TopicPartition, Long> earliest = offsets.earliest(partitions);
    Map<TopicPartition, Long> from = from(partitions, earliest);
    Map<TopicPartition, Long> firsts = trimmed(from, earliest);
    long[] known = {Long.MIN_VALUE};
    for (int round = 0; round < MOST_ROUNDS; round++) {
      Map<TopicPartition, Long> to = offsets.latest(partitions);
      reader.read(
          from,
          to,
          record -> {
            if (firsts.remove(new TopicPartition(record.topic(), record.partition())) != null) {
              known[0] = Math.max(known[0], record.timestamp());
            }
            ledger.add(record);
            return true;
          });
      from = to;
      ledger.seal(Math.max(known[0], cut(ledger)));
      if (joins(ledger, committed)) {
        return;
      }
    }
  }

  private Map<TopicPartition, Long> from(
      List<TopicPartition> partitions, Map<TopicPartition, Long> earliest) {
    return scope.since() instanceof Since.At at
        ? offsets.since(partitions, at.instant().minus(SKEW).toEpochMilli())
        : earliest;
  }

  /**
   * Partitions whose beginning was deleted. Receipts before the first one left of each cannot be
   * judged: what they join to may be among the deleted.
   */
  private static Map<TopicPartition, Long> trimmed(
      Map<TopicPartition, Long> from, Map<TopicPartition, Long> earliest) {
    Map<TopicPartition, Long> trimmed = new HashMap<>(earliest);
    trimmed.entrySet().removeIf(e -> e.getValue() == 0 || from.get(e.getKey()) > e.getValue());
    return trimmed;
  }

  private long cut(Ledger ledger) {
    if (scope.since() instanceof Since.At at) {
      return at.instant().toEpochMilli();
    }
    Duration after = ((Since.Oldest) scope.since()).after();
    return after.isZero() || ledger.receipts() == 0
        ? Long.MIN_VALUE
        : ledger.oldestMillis() + after.toMillis();
  }

  private static boolean joins(Ledger ledger, Map<TopicPartition, Long> committed) {
    for (int p = 0; p < ledger.partitions().size(); p++) {
      SpanTable table = ledger.table(p);
      for (int i = ledger.start(p) + 1; i < table.size(); i++) {
        if (table.from(i) > table.reach(i - 1)) {
          return false;
        }
      }
      long offset = committed.getOrDefault(ledger.partitions().get(p), 0L);
      if (!table.isEmpty() && table.end() < offset) {
        return false;
      }
    }
    return true;
  }
}
