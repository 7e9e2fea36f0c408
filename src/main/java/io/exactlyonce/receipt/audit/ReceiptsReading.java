package io.exactlyonce.receipt.audit;

import static java.util.Objects.requireNonNull;

import io.exactlyonce.receipt.LogOffsets;
import io.exactlyonce.receipt.LogReader;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/**
 * Reads the receipts of a group that may be running, up to high watermarks at which they join. All
 * are read, even where only later ones are judged: the earlier ones show whether a later one
 * accounts for an offset a second time, and whether one is missing.
 */
record ReceiptsReading(AuditScope scope, LogOffsets offsets, LogReader reader) {
  private static final int MAX_ROUNDS = 4;

  /** The time from which receipts are judged, in ms since the epoch; the lowest long for all. */
  long cut() {
    if (scope.since() instanceof Since.At at) {
      return at.instant().toEpochMilli();
    }
    Duration after = ((Since.Oldest) scope.since()).after();
    if (after.isZero()) {
      return Long.MIN_VALUE;
    }
    List<TopicPartition> partitions = offsets.partitions(List.of(scope.receipts()));
    long[] oldest = {Long.MAX_VALUE};
    reader.read(
        offsets.earliest(partitions),
        offsets.latest(partitions),
        record -> {
          oldest[0] = Math.min(oldest[0], record.timestamp());
          return true;
        });
    return oldest[0] == Long.MAX_VALUE ? Long.MIN_VALUE : oldest[0] + after.toMillis();
  }

  /**
   * Fills the index and seals it.
   *
   * <p>The last receipts of a partition that just moved are in two partitions of the receipts
   * topic, and only the later one may be below the high watermarks of a round. It was written after
   * the earlier one was committed, so the next round, up to new high watermarks, reads that. A gap
   * that outlasts some rounds is therefore not caused by the reading.
   *
   * @param begins the source partitions' first offsets
   * @param committed the group's offsets
   */
  void fill(
      ReceiptIndex index, Map<TopicPartition, Long> begins, Map<TopicPartition, Long> committed) {
    List<TopicPartition> partitions = offsets.partitions(List.of(scope.receipts()));
    Map<TopicPartition, Long> earliest = offsets.earliest(partitions);
    Map<TopicPartition, Long> from = earliest;
    Map<TopicPartition, Long> firsts = new HashMap<>(earliest);
    firsts.values().removeIf(offset -> offset == 0);
    long[] deleted = {Long.MIN_VALUE};
    for (int round = 0; round < MAX_ROUNDS; round++) {
      Map<TopicPartition, Long> to = offsets.latest(partitions);
      reader.read(
          from,
          to,
          record -> {
            if (firsts.remove(new TopicPartition(record.topic(), record.partition())) != null) {
              deleted[0] = Math.max(deleted[0], record.timestamp());
            }
            index.add(record);
            return true;
          });
      from = to;
      // A partition of which nothing is left may have lost receipts of any time.
      index.seal(firsts.isEmpty() ? deleted[0] : Long.MAX_VALUE);
      if (joins(index, begins, committed)) {
        return;
      }
    }
  }

  private static boolean joins(
      ReceiptIndex index, Map<TopicPartition, Long> begins, Map<TopicPartition, Long> committed) {
    for (int p = 0; p < index.partitions().size(); p++) {
      TopicPartition partition = index.partitions().get(p);
      long offset = committed.getOrDefault(partition, 0L);
      if (!new ChainCheck(index, null, p, requireNonNull(begins.get(partition)), offset, offset)
          .run()) {
        return false;
      }
    }
    return true;
  }
}
