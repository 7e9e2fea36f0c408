package io.exactlyonce.receipt;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * Finds when each worker of a group last committed, by its newest receipt. A look reads only the
 * last few hundred offsets of each partition, however much was written, so a worker that has not
 * committed for long is known only if an earlier look has read a receipt of it. One thread at a
 * time.
 */
public final class NewestReceipts implements AutoCloseable {
  /** Limit of offsets that a look reads of each partition; half of them are transaction markers. */
  private static final long MAX_OFFSETS = 400;

  private static final Duration BOUND = Duration.ofSeconds(5);

  private final Consumer<byte[], byte[]> reader;
  private final String topic;
  private final Map<String, Instant> commits = new HashMap<>();
  private final Map<TopicPartition, Long> read = new HashMap<>();

  /**
   * @param reader read_committed and without a group; closed with this object
   * @param topic the receipts topic
   */
  public NewestReceipts(Consumer<byte[], byte[]> reader, String topic) {
    this.reader = reader;
    this.topic = topic;
  }

  /**
   * By worker, the time at which its last transaction was handed over for commit.
   *
   * @throws org.apache.kafka.common.KafkaException where Kafka refuses or does not answer
   */
  public Map<String, Instant> look() {
    List<TopicPartition> partitions =
        reader.partitionsFor(topic, BOUND).stream()
            .map(info -> new TopicPartition(topic, info.partition()))
            .toList();
    Map<TopicPartition, Long> ends = reader.endOffsets(partitions, BOUND);
    Map<TopicPartition, Long> from = new HashMap<>();
    ends.forEach(
        (partition, end) ->
            from.put(partition, Math.max(end - MAX_OFFSETS, read.getOrDefault(partition, 0L))));
    new LogReader(reader, BOUND).read(from, ends, this::add);
    read.putAll(ends);
    return Map.copyOf(commits);
  }

  private boolean add(ConsumerRecord<byte[], byte[]> record) {
    if (record.value() == null) {
      return true; // a foreign writer's; the audit reports it
    }
    try {
      Receipt receipt = ReceiptReader.read(record.value());
      commits.merge(
          receipt.worker(),
          Instant.ofEpochMilli(receipt.millis()),
          (one, other) -> one.isAfter(other) ? one : other);
      return true;
    } catch (IllegalArgumentException e) { // written by a later version; the audit reports it
      return true;
    }
  }

  @Override
  public void close() {
    BoundedClose.of(reader).close();
  }
}
