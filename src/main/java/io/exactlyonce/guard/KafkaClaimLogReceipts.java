package io.exactlyonce.guard;

import io.exactlyonce.receipt.LogOffsets;
import io.exactlyonce.receipt.LogReader;
import io.exactlyonce.receipt.Receipt;
import io.exactlyonce.receipt.ReceiptReader;
import io.exactlyonce.receipt.SpanTable;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the receipts of the window say of each source partition.
 *
 * <p>The receipts' time bounds the window, not the records': a claim is made when a record is
 * processed, and that may be long after it was produced.
 */
final class KafkaClaimLogReceipts {
  private static final Logger LOG = LoggerFactory.getLogger(KafkaClaimLogReceipts.class);

  /** Workers' clocks differ, and a receipt is stamped before it is written. */
  private static final Duration SKEW = Duration.ofMinutes(1);

  /**
   * @param from the lowest offset that a receipt of the window accounts for
   * @param table receipts around the window too: what they list as duplicates is not to be claimed
   */
  record Window(long from, SpanTable table) {}

  private final KafkaClaimLog.Scope scope;
  private final Map<String, Uuid> topicIds;
  private final LogOffsets offsets;
  private final LogReader reader;
  private final Map<TopicPartition, Window> windows = new HashMap<>();

  KafkaClaimLogReceipts(
      KafkaClaimLog.Scope scope, Map<String, Uuid> topicIds, LogOffsets offsets, LogReader reader) {
    this.scope = scope;
    this.topicIds = topicIds;
    this.offsets = offsets;
    this.reader = reader;
  }

  /**
   * @param cutoff where the window begins, in ms since the epoch
   * @throws IllegalArgumentException where a receipt cannot be read: a claim that it denies would
   *     be made, and a record dropped
   */
  void read(long cutoff) {
    List<TopicPartition> partitions = offsets.partitions(List.of(scope.receipts()));
    Map<TopicPartition, Long> from = offsets.since(partitions, cutoff - SKEW.toMillis());
    warnOfRetention(from, cutoff);
    reader.read(
        from,
        offsets.latest(partitions),
        record -> {
          add(record, cutoff - SKEW.toMillis());
          return true;
        });
    windows.values().removeIf(window -> window.from() == Long.MAX_VALUE);
    windows.values().forEach(window -> window.table().seal());
  }

  Map<TopicPartition, Window> windows() {
    return windows;
  }

  private void add(ConsumerRecord<byte[], byte[]> record, long cutoff) {
    if (record.value() == null) {
      return;
    }
    Receipt receipt = ReceiptReader.read(record.value());
    for (Receipt.Span span : receipt.spans()) {
      // A topic that was deleted and made again holds other records at these offsets.
      if (!span.topicId().equals(topicIds.get(span.topic()))) {
        continue;
      }
      TopicPartition partition = new TopicPartition(span.topic(), span.partition());
      Window known = windows.getOrDefault(partition, new Window(Long.MAX_VALUE, new SpanTable()));
      known.table().add(span, 0);
      long from = receipt.millis() < cutoff ? known.from() : Math.min(known.from(), span.from());
      windows.put(partition, new Window(from, known.table()));
    }
  }

  private void warnOfRetention(Map<TopicPartition, Long> from, long cutoff) {
    Map<TopicPartition, Long> earliest = offsets.earliest(from.keySet());
    boolean isCut =
        from.entrySet().stream()
            .anyMatch(e -> e.getValue() > 0 && e.getValue().equals(earliest.get(e.getKey())));
    if (isCut) {
      LOG.warn(
          "{} no longer holds all receipts since {}: claims that only they prove are not rebuilt;"
              + " its retention should be longer than guard.window",
          scope.receipts(),
          java.time.Instant.ofEpochMilli(cutoff));
    }
  }
}
