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
 * Where the receipts say that source partitions stopped: the group's offsets, where the group lost
 * them.
 *
 * @param admins opens one, to be closed here
 * @param readers makes read_committed consumers without a group, to be closed here
 * @param topic of the receipts
 */
public record LastReceipts(
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
   * @param former of the partitions that were asked for, what is known of an earlier topic with the
   *     same name
   */
  public record Found(
      Map<TopicPartition, Long> ends, boolean isWhole, Map<TopicPartition, Former> former) {
    public static final Found NOTHING = new Found(Map.of(), true, Map.of());
  }

  /**
   * An earlier topic with the same name.
   *
   * @param offset up to where the partition's last receipt of it says that it was processed; 0
   *     where other partitions alone have receipts of it
   */
  public record Former(Uuid topicId, long offset) {}

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
   * All topics of that name that receipts tell of, the present one too: by id and partition, one
   * past the last offset that a receipt accounts for. Reads all receipts.
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
   * The ids of all topics that receipts tell of, whatever their names. Reads all receipts.
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
