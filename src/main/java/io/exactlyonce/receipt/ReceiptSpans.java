package io.exactlyonce.receipt;

import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;

/**
 * Collects from receipts, as they are read, the ends of some partitions and earlier topics of their
 * names.
 */
final class ReceiptSpans {
  /** Id of a topic in the newest receipt that has its name. */
  private record Newest(long millis, Uuid topicId) {
    Newest later(Newest other) {
      return other.millis > millis ? other : this;
    }
  }

  private final Map<TopicPartition, Uuid> topicIds;
  private final Map<TopicPartition, PartitionEnd> ends = new HashMap<>();
  private final Map<TopicPartition, LastReceipts.Former> former = new HashMap<>();
  private final Map<String, Newest> newest = new HashMap<>();

  /**
   * @param topicIds the partitions to collect for, with the present ids of their topics
   */
  ReceiptSpans(Map<TopicPartition, Uuid> topicIds) {
    this.topicIds = topicIds;
  }

  /**
   * Passes each span of the record's receipt to the consumer; a record without a value has none.
   */
  static void each(
      ConsumerRecord<byte[], byte[]> record, BiConsumer<Receipt, Receipt.Span> consumer) {
    if (record.value() != null) {
      Receipt receipt = ReceiptReader.read(record.value());
      receipt.spans().forEach(span -> consumer.accept(receipt, span));
    }
  }

  /**
   * Adds the receipt of a record.
   *
   * @param notBefore receipts written earlier, in ms since the epoch, set no end, since their
   *     successors may not have been read
   * @return always true, so that the reading goes on
   */
  boolean add(ConsumerRecord<byte[], byte[]> record, long notBefore) {
    each(record, (receipt, span) -> add(span, receipt.millis(), notBefore));
    return true;
  }

  private void add(Receipt.Span span, long millis, long notBefore) {
    newest.merge(span.topic(), new Newest(millis, span.topicId()), Newest::later);
    TopicPartition partition = new TopicPartition(span.topic(), span.partition());
    Uuid now = topicIds.get(partition);
    // Offsets of an earlier topic with this name do not count.
    if (span.topicId().equals(now) && millis >= notBefore) {
      ends.computeIfAbsent(partition, p -> new PartitionEnd()).add(span, millis);
    } else if (now != null && !span.topicId().equals(now)) {
      former.put(partition, new LastReceipts.Former(span.topicId(), span.to()));
    }
  }

  boolean areComplete() {
    return ends.size() == topicIds.size();
  }

  /**
   * The ends and earlier topics found. The worker that first reads a recreated topic releases the
   * claims of all partitions of the former one. So while no partition has a receipt of the present
   * topic, the partitions without any receipt have a former topic too.
   */
  LastReceipts.Found found(boolean isWhole) {
    topicIds.forEach(
        (partition, now) -> {
          Newest last = newest.get(partition.topic());
          if (last != null && !last.topicId().equals(now)) {
            former.putIfAbsent(partition, new LastReceipts.Former(last.topicId(), 0));
          }
        });
    return new LastReceipts.Found(PartitionEnd.offsets(ends), isWhole, former);
  }
}
