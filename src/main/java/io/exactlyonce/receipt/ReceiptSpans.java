package io.exactlyonce.receipt;

import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;

/** Collects what receipts say of some partitions, as they are read. */
final class ReceiptSpans {
  /** The topic of a name that the newest receipt tells of. */
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
   * @param topicIds the partitions that are asked for, with their topics' ids as they are now
   */
  ReceiptSpans(Map<TopicPartition, Uuid> topicIds) {
    this.topicIds = topicIds;
  }

  /** Calls for each span of the receipt that the record holds. */
  static void each(
      ConsumerRecord<byte[], byte[]> record, BiConsumer<Receipt, Receipt.Span> consumer) {
    if (record.value() != null) {
      Receipt receipt = ReceiptReader.read(record.value());
      receipt.spans().forEach(span -> consumer.accept(receipt, span));
    }
  }

  /**
   * @param notBefore ends of receipts from before do not count: one could be missing behind them
   * @return always true: the next one is read
   */
  boolean add(ConsumerRecord<byte[], byte[]> record, long notBefore) {
    each(record, (receipt, span) -> add(span, receipt.millis(), notBefore));
    return true;
  }

  private void add(Receipt.Span span, long millis, long notBefore) {
    newest.merge(span.topic(), new Newest(millis, span.topicId()), Newest::later);
    TopicPartition partition = new TopicPartition(span.topic(), span.partition());
    Uuid now = topicIds.get(partition);
    // A topic that was deleted and made again begins anew.
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
   * Who reads a topic that was made anew first releases the claims of all of its former partitions.
   * So a partition without a receipt has a former topic where no partition has one of the present
   * topic.
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
