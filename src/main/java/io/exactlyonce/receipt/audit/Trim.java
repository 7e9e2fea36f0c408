package io.exactlyonce.receipt.audit;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * Determines of which receipts a topic holds all outputs, though its beginning was deleted.
 *
 * <p>The outputs of a source partition are in the order of their sources. So all are there whose
 * source comes after that of the first one left in a partition of the topic. Where none is left,
 * times decide.
 */
final class Trim {
  /** Limit of the time by which an output is sent before its receipt. */
  static final Duration LEAD = Duration.ofMinutes(10);

  /** How long before the cut outputs are read: longer than they may stand before their receipts. */
  static final Duration READ = LEAD.multipliedBy(3);

  private static final long NONE = -1;

  /** First source offsets and earliest time that are left in one partition of the topic. */
  private static final class Left {
    final long[] firstOffsets;
    long firstMillis = Long.MAX_VALUE;

    Left(int sources) {
      firstOffsets = new long[sources];
      java.util.Arrays.fill(firstOffsets, NONE);
    }
  }

  private final Map<Integer, Left> trimmed = new HashMap<>();

  /**
   * @param cut partitions of the topic whose beginning was deleted
   * @param sources how many source partitions there are
   */
  Trim(Set<TopicPartition> cut, int sources) {
    cut.forEach(partition -> trimmed.put(partition.partition(), new Left(sources)));
  }

  /**
   * Notes a record; to be called for each record of the topic that comes from a source partition.
   */
  void postRead(ConsumerRecord<byte[], byte[]> record, int source, long offset) {
    if (trimmed.isEmpty()) {
      return;
    }
    Left left = trimmed.get(record.partition());
    if (left != null) {
      left.firstMillis = Math.min(left.firstMillis, record.timestamp());
      if (left.firstOffsets[source] == NONE) {
        left.firstOffsets[source] = offset;
      }
    }
  }

  boolean isEmpty() {
    return trimmed.isEmpty();
  }

  /**
   * Whether all outputs are there of a receipt's records from an offset on.
   *
   * @param source index of the source partition
   * @param millis when the receipt was written, in ms since the epoch
   */
  boolean isWhole(int source, long from, long millis) {
    for (Left left : trimmed.values()) {
      long first = left.firstOffsets[source];
      boolean isBehind = first != NONE && from > first;
      boolean isLater =
          left.firstMillis != Long.MAX_VALUE && millis - LEAD.toMillis() >= left.firstMillis;
      if (!isBehind && !isLater) {
        return false;
      }
    }
    return true;
  }
}
