package io.exactlyonce.receipt;

import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;

/**
 * Takes a group past records that are gone. One transaction moves its offset and writes a receipt
 * that says so, so that the receipts join and the audit tells of it as long as they are kept.
 *
 * @param admin the caller's to close
 * @param readers makes read_committed consumers of the group that have not joined it
 * @param producers makes a producer for a transactional id
 */
public record LossAcceptance(
    Admin admin,
    Supplier<Consumer<byte[], byte[]>> readers,
    Function<String, Producer<byte[], byte[]>> producers,
    Clock clock,
    Duration patience) {

  /** What {@link Receipt.Decision#done} says of such a receipt. */
  public static final String DONE = "accept-loss";

  /**
   * @param from the first offset that is gone, where the group stands
   * @param last the last one that is gone
   * @throws KafkaException naming what stands against it: a member of the group, an offset that is
   *     another, records that are still there
   */
  public void accept(
      String group,
      String receipts,
      TopicPartition partition,
      long from,
      long last,
      String because) {
    LogOffsets offsets = new LogOffsets(admin, patience);
    Uuid topicId = offsets.describe(List.of(partition.topic())).get(partition.topic()).topicId();
    ConsumerGroupDescription described =
        offsets.get(admin.describeConsumerGroups(List.of(group)).all()).get(group);
    refuse(!described.members().isEmpty(), "group " + group + " has members; stop the pipeline");
    long begin = offsets.earliest(List.of(partition)).get(partition);
    refuse(
        last >= begin,
        partition
            + " begins at "
            + begin
            + ": the records from there to "
            + last
            + " are not lost");
    long stands = stands(offsets, group, receipts, partition, topicId);
    refuse(stands != from, partition + " stands at " + stands + ", not at " + from);
    Receipt.Span span =
        new Receipt.Span(
            partition.topic(),
            topicId,
            partition.partition(),
            from,
            last + 1,
            0,
            0,
            List.of(),
            List.of());
    commit(group, receipts, partition, span, because);
  }

  private long stands(
      LogOffsets offsets, String group, String receipts, TopicPartition partition, Uuid topicId) {
    Long committed = offsets.committed(group, List.of(partition)).get(partition);
    if (committed != null) {
      return committed;
    }
    ReceiptEnds ends = new ReceiptEnds(() -> admin, readers, receipts, clock, patience);
    return ends.find(offsets, Map.of(partition, topicId)).ends().getOrDefault(partition, 0L);
  }

  private void commit(
      String group, String receipts, TopicPartition partition, Receipt.Span span, String because) {
    String id = group + "-" + DONE;
    String at = partition + "@" + span.from() + "-" + (span.to() - 1);
    Receipt receipt =
        new Receipt(
            id,
            id,
            clock.millis(),
            List.of(span),
            new TreeMap<>(),
            List.of(new Receipt.Decision(at, DONE, because)));
    try (Consumer<byte[], byte[]> outsider = readers.get();
        Producer<byte[], byte[]> producer = producers.apply(id)) {
      producer.initTransactions();
      producer.beginTransaction();
      producer.send(new ProducerRecord<>(receipts, Receipts.write(receipt)));
      producer.sendOffsetsToTransaction(
          Map.of(partition, new OffsetAndMetadata(span.to())), outsider.groupMetadata());
      producer.commitTransaction();
    }
  }

  private static void refuse(boolean wrong, String why) {
    if (wrong) {
      throw new KafkaException(why);
    }
  }
}
