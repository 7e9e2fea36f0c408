package io.exactlyonce.receipt;

import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;

/**
 * Finds in the receipts at which offsets source partitions continue, for a group that has lost its
 * committed offsets.
 *
 * @param admins makes an admin client, which is closed here
 * @param readers makes read_committed consumers without a group, which are closed here
 * @param topic the receipts topic
 * @param patience bound of each request, and of the time without a record while receipts are read
 */
public record LastReceipts(
    Supplier<Admin> admins,
    Supplier<Consumer<byte[], byte[]>> readers,
    String topic,
    Clock clock,
    Duration patience) {

  /**
   * Ages up to which receipts are read first. All are read only where these leave a partition
   * without an end.
   */
  private static final List<Duration> WINDOWS = List.of(Duration.ofHours(1), Duration.ofDays(1));

  /**
   * How far clocks may differ. A receipt written less than this after the beginning of a window
   * sets no end: a slower clock may have dated its successor before the window.
   */
  private static final Duration SKEW = Duration.ofMinutes(10);

  /**
   * Result of {@link #find}.
   *
   * @param ends offsets at which partitions continue: one past the last offset that a receipt
   *     accounts for, or where a later rewind went; partitions without a receipt are absent
   * @param isWhole whether the topic still has all its receipts, so that a partition without one
   *     was never read
   * @param former earlier topics with the name of a partition's topic, where receipts have one
   */
  public record Found(
      Map<TopicPartition, Long> ends, boolean isWhole, Map<TopicPartition, Former> former) {
    public static final Found NOTHING = new Found(Map.of(), true, Map.of());
  }

  /**
   * An earlier topic with the same name.
   *
   * @param offset one past the last offset of the partition in the receipt of it that was read
   *     last; 0 where only other partitions have receipts of it
   */
  public record Former(Uuid topicId, long offset) {}

  /**
   * Finds where partitions continue.
   *
   * @param topicIds the partitions to find, with the present ids of their topics
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
      boolean isWhole = earliest.values().stream().allMatch(offset -> offset == 0);
      if (latest.values().stream().allMatch(offset -> offset == 0)) {
        return Found.NOTHING;
      }
      ReceiptSpans spans = new ReceiptSpans(topicIds);
      for (Duration window : WINDOWS) {
        long since = clock.millis() - window.toMillis();
        Map<TopicPartition, Long> from = offsets.since(partitions, since);
        reader.read(from, latest, record -> spans.add(record, since + SKEW.toMillis()));
        if (spans.areComplete()) {
          return spans.found(isWhole);
        }
      }
      reader.read(earliest, latest, record -> spans.add(record, 0));
      return spans.found(isWhole);
    }
  }

  /**
   * Ends of all topics of that name in the receipts, the present one included: by topic id and
   * partition, the offset at which the partition continues. Reads all receipts.
   *
   * @throws org.apache.kafka.common.KafkaException where Kafka refuses or does not answer
   */
  public Map<Uuid, Map<Integer, Long>> byTopicId(String sourceTopic) {
    Map<Uuid, Map<Integer, PartitionEnd>> ends = new HashMap<>();
    readAll(
        (receipt, span) -> {
          if (span.topic().equals(sourceTopic)) {
            ends.computeIfAbsent(span.topicId(), id -> new HashMap<>())
                .computeIfAbsent(span.partition(), p -> new PartitionEnd())
                .add(span, receipt.millis());
          }
        });
    Map<Uuid, Map<Integer, Long>> byId = new HashMap<>();
    ends.forEach((id, of) -> byId.put(id, PartitionEnd.offsets(of)));
    return byId;
  }

  /**
   * The ids of all source topics in the receipts, whatever their names. Reads all receipts.
   *
   * @throws org.apache.kafka.common.KafkaException where Kafka refuses or does not answer
   */
  public Set<Uuid> topicIds() {
    Set<Uuid> ids = new HashSet<>();
    readAll((receipt, span) -> ids.add(span.topicId()));
    return ids;
  }

  private void readAll(BiConsumer<Receipt, Receipt.Span> visitor) {
    try (BoundedClose<Admin> admin = BoundedClose.of(admins.get());
        BoundedClose<Consumer<byte[], byte[]>> consumer = BoundedClose.of(readers.get())) {
      LogOffsets offsets = new LogOffsets(admin.client(), patience);
      List<TopicPartition> partitions = offsets.partitions(List.of(topic));
      new LogReader(consumer.client(), patience)
          .read(
              offsets.earliest(partitions),
              offsets.latest(partitions),
              record -> {
                ReceiptSpans.each(record, visitor);
                return true;
              });
    }
  }
}
