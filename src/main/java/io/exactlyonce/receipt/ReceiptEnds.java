package io.exactlyonce.receipt;

import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;

/**
 * Where the receipts say that source partitions stopped: the group's offsets, where the group lost
 * them.
 *
 * @param admins opens one, to be closed here
 * @param readers makes read_committed consumers without a group, to be closed here
 * @param topic of the receipts
 */
public record ReceiptEnds(
    Supplier<Admin> admins,
    Supplier<Consumer<byte[], byte[]>> readers,
    String topic,
    Clock clock,
    Duration patience) {

  /** The last receipts are looked at first; all of them only where those do not tell. */
  private static final List<Duration> WINDOWS = List.of(Duration.ofHours(1), Duration.ofDays(1));

  /** Clocks differ: near its beginning a window may hold a receipt and lack the one before it. */
  private static final Duration SKEW = Duration.ofMinutes(10);

  /**
   * @param ends one past the last offset that a receipt accounts for; partitions without a receipt
   *     are absent
   * @param isWhole whether no receipt was deleted: a partition without one was then never read
   * @param former of the partitions that were asked for, what the last receipt says of an earlier
   *     topic with the same name
   */
  public record Found(
      Map<TopicPartition, Long> ends, boolean isWhole, Map<TopicPartition, Receipt.Span> former) {}

  /**
   * @param topicIds the partitions that are asked for, with their topics' ids as they are now
   * @throws org.apache.kafka.common.KafkaException where Kafka refuses or does not answer
   */
  public Found find(Map<TopicPartition, Uuid> topicIds) {
    try (BoundedClose<Admin> admin = BoundedClose.of(admins.get())) {
      return find(new LogOffsets(admin.client(), patience), topicIds);
    }
  }

  Found find(LogOffsets offsets, Map<TopicPartition, Uuid> topicIds) {
    try (BoundedClose<Consumer<byte[], byte[]>> consumer = BoundedClose.of(readers.get())) {
      LogReader reader = new LogReader(consumer.client(), patience);
      List<TopicPartition> partitions = offsets.partitions(List.of(topic));
      Map<TopicPartition, Long> earliest = offsets.earliest(partitions);
      Map<TopicPartition, Long> latest = offsets.latest(partitions);
      Map<TopicPartition, PartitionEnd> ends = new HashMap<>();
      Map<TopicPartition, Receipt.Span> former = new HashMap<>();
      boolean isWhole = earliest.values().stream().allMatch(offset -> offset == 0);
      if (latest.values().stream().allMatch(offset -> offset == 0)) {
        return new Found(Map.of(), true, former);
      }
      for (Duration window : WINDOWS) {
        long since = clock.millis() - window.toMillis();
        Map<TopicPartition, Long> from = offsets.since(partitions, since);
        reader.read(
            from, latest, record -> note(record, since + SKEW.toMillis(), topicIds, ends, former));
        if (ends.size() == topicIds.size()) {
          return found(ends, isWhole, former);
        }
      }
      reader.read(earliest, latest, record -> note(record, 0, topicIds, ends, former));
      return found(ends, isWhole, former);
    }
  }

  private static Found found(
      Map<TopicPartition, PartitionEnd> ends,
      boolean isWhole,
      Map<TopicPartition, Receipt.Span> former) {
    Map<TopicPartition, Long> offsets = new HashMap<>();
    ends.forEach((partition, end) -> offsets.put(partition, end.offset()));
    return new Found(offsets, isWhole, former);
  }

  private static boolean note(
      ConsumerRecord<byte[], byte[]> record,
      long notBefore,
      Map<TopicPartition, Uuid> topicIds,
      Map<TopicPartition, PartitionEnd> ends,
      Map<TopicPartition, Receipt.Span> former) {
    if (record.value() == null) {
      return true;
    }
    Receipt receipt = ReceiptReader.read(record.value());
    for (Receipt.Span span : receipt.spans()) {
      TopicPartition partition = new TopicPartition(span.topic(), span.partition());
      // A topic that was deleted and made again begins anew.
      if (span.topicId().equals(topicIds.get(partition)) && receipt.millis() >= notBefore) {
        ends.computeIfAbsent(partition, p -> new PartitionEnd()).add(span, receipt.millis());
      } else if (topicIds.containsKey(partition)
          && !span.topicId().equals(topicIds.get(partition))) {
        former.put(partition, span);
      }
    }
    return true;
  }
}
