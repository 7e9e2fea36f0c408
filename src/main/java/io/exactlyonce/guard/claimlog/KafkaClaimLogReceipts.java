package io.exactlyonce.guard.claimlog;

import io.exactlyonce.receipt.LogOffsets;
import io.exactlyonce.receipt.LogReader;
import io.exactlyonce.receipt.Receipt;
import io.exactlyonce.receipt.ReceiptReader;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The receipts of the window by source partition, also of sources that are not configured any more.
 *
 * <p>The receipts' time bounds the window, not the records': a claim is made when a record is
 * processed, which may be long after it was produced.
 */
final class KafkaClaimLogReceipts {
  private static final Logger LOG = LoggerFactory.getLogger(KafkaClaimLogReceipts.class);

  /**
   * Receipts of so long before the window are read too: workers' clocks differ, and a receipt is
   * stamped before it is written.
   */
  private static final Duration SKEW = Duration.ofMinutes(1);

  /** A partition of a topic that may have been deleted or recreated since. */
  record Source(Uuid topicId, TopicPartition partition) {}

  private final String topic;
  private final LogOffsets offsets;
  private final LogReader reader;
  private final Map<Source, SourceClaims> sources = new HashMap<>();

  KafkaClaimLogReceipts(String topic, LogOffsets offsets, LogReader reader) {
    this.topic = topic;
    this.offsets = offsets;
    this.reader = reader;
  }

  /**
   * Whether the topic never held a receipt of a source's records. The reading ends at the first
   * such receipt; those of generations, which may stand before it, are few.
   */
  boolean isEmpty() {
    List<TopicPartition> partitions = offsets.partitions(List.of(topic));
    Map<TopicPartition, Long> earliest = offsets.earliest(partitions);
    if (earliest.values().stream().anyMatch(offset -> offset > 0)) {
      return false;
    }
    boolean[] isEmpty = {true};
    reader.read(
        earliest,
        offsets.latest(partitions),
        record -> {
          isEmpty[0] &=
              record.value() == null || ReceiptReader.read(record.value()).spans().isEmpty();
          return isEmpty[0];
        });
    return isEmpty[0];
  }

  /**
   * Reads the receipts of the window. The read_committed reader waits until the transactions that
   * were open when the workers were fenced are decided in every partition, so these receipts are
   * complete.
   *
   * @param cutoff where the window begins, in ms since the epoch
   * @return whether receipts of the window may have been deleted
   * @throws IllegalArgumentException where a receipt cannot be read: without it claims would be
   *     wrong, or missing unnoticed
   */
  boolean read(long cutoff) {
    long notBefore = cutoff - SKEW.toMillis();
    List<TopicPartition> partitions = offsets.partitions(List.of(topic));
    Map<TopicPartition, Long> from = offsets.since(partitions, notBefore);
    Map<TopicPartition, Long> to = offsets.latest(partitions);
    reader.read(
        from,
        to,
        record -> {
          add(record, notBefore);
          return true;
        });
    return isCut(from, cutoff);
  }

  Map<Source, SourceClaims> sources() {
    return sources;
  }

  private void add(ConsumerRecord<byte[], byte[]> record, long notBefore) {
    if (record.value() == null) {
      return;
    }
    Receipt receipt = ReceiptReader.read(record.value());
    if (receipt.millis() < notBefore) {
      return;
    }
    for (Receipt.Span span : receipt.spans()) {
      TopicPartition partition = new TopicPartition(span.topic(), span.partition());
      // The span of a rewind ends before it begins, and so holds no offset.
      sources
          .computeIfAbsent(
              new Source(span.topicId(), partition), source -> new SourceClaims(partition))
          .add(span);
    }
  }

  /**
   * Whether receipts of the window may have been deleted: by retention, by hand, or with their
   * topic. Called only where the group has committed before, so an empty topic has lost receipts.
   */
  private boolean isCut(Map<TopicPartition, Long> from, long cutoff) {
    Map<TopicPartition, Long> earliest = offsets.earliest(from.keySet());
    boolean isCut =
        (sources.isEmpty() && from.values().stream().allMatch(offset -> offset == 0))
            || from.entrySet().stream()
                .anyMatch(e -> e.getValue() > 0 && e.getValue().equals(earliest.get(e.getKey())));
    if (isCut) {
      LOG.warn(
          "{} may no longer hold all receipts since {}: claims that only they prove are not"
              + " rebuilt; its retention should be longer than guard.window",
          topic,
          Instant.ofEpochMilli(cutoff));
    }
    return isCut;
  }
}
