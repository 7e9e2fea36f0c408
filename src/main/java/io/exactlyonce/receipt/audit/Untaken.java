package io.exactlyonce.receipt.audit;

import static java.util.Objects.requireNonNull;

import io.exactlyonce.receipt.LogOffsets;
import io.exactlyonce.receipt.LogReader;
import io.exactlyonce.receipt.audit.report.Findings;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/**
 * Lists source partitions that hold records and of which the group has neither an offset nor a
 * receipt.
 *
 * <p>They are listed as not judged, from their first record on. They are no findings: the records
 * are in the log, so nothing is lost, and a partition that was added or a pipeline that has just
 * begun is rightly in that state. They are not ignored either: a partition that no worker reads
 * looks the same, and so does one whose receipts were deleted and whose offset expired.
 */
record Untaken(ReceiptIndex index, LogOffsets offsets, LogReader reader, Findings findings) {
  private static final long NONE = -1;

  /**
   * Lists them.
   *
   * @param begins the source partitions' first offsets
   * @param ends their last stable offsets, from before the receipts were read: a running group may
   *     have read further by now
   * @param committed the group's offsets, from after the receipts were read
   */
  void list(
      Map<TopicPartition, Long> begins,
      Map<TopicPartition, Long> ends,
      Map<TopicPartition, Long> committed) {
    for (int p = 0; p < index.partitions().size(); p++) {
      TopicPartition partition = index.partitions().get(p);
      boolean isTaken =
          committed.containsKey(partition) || index.source(p).first() != Long.MAX_VALUE;
      long begin = requireNonNull(begins.get(partition));
      long end = requireNonNull(ends.get(partition));
      if (!isTaken && begin < end) {
        long first = firstRecord(partition, begin, end);
        if (first != NONE) {
          list(p, first, end);
        }
      }
    }
  }

  /** Offset of the first record, markers and aborted records left out; {@code NONE} without any. */
  private long firstRecord(TopicPartition partition, long from, long to) {
    long[] first = {NONE};
    reader.read(
        Map.of(partition, from),
        Map.of(partition, to),
        record -> {
          first[0] = record.offset();
          return false;
        });
    return first[0];
  }

  private void list(int p, long from, long to) {
    boolean mayBeDeleted = index.mayBeDeleted(Long.MIN_VALUE);
    if (mayBeDeleted) {
      index.source(p).unjudged.add(from, to);
    }
    findings.unjudged(
        index.position(p, from) + "-" + (to - 1),
        "the group has neither an offset nor a receipt there: "
            + (mayBeDeleted
                ? "no worker has processed these records, or their receipts were deleted"
                : "no worker has processed these records; check that the partition is assigned"));
  }
}
