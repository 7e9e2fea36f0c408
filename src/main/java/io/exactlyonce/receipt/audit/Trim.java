package io.exactlyonce.receipt.audit;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * Tells which receipts a topic still holds all outputs of, though its beginning was deleted.
 *
 * <p>The outputs of a source partition come in the order of their sources. So all that came after
 * the first one left in a partition of the topic are there. Where none is left, time has to tell.
 */
final class Trim {
  /** An output is sent before its receipt, by less than this. */
  static final Duration LEAD = Duration.ofMinutes(10);

  /** Outputs are read from so long before the cut: further than they may stand from receipts. */
  static final Duration READ = LEAD.multipliedBy(3);

  private static final long NONE = -1;

  /** What is left of one partition of the topic. */
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

  /** To be called for each record of the topic that comes from a source partition. */
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
   * Whether all outputs from an offset on are there.
   *
   * @param millis when their receipt was written
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
