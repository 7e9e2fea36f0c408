package io.exactlyonce.torture.checker;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reader of what is committed in a topic, from its beginning to its last stable offset. */
public final class TopicEnds {
  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration CALL = Duration.ofSeconds(60);

  private final String bootstrapServers;

  public TopicEnds(String bootstrapServers) {
    this.bootstrapServers = bootstrapServers;
  }

  /**
   * Reads the outputs, or the dead letters, of a topic.
   *
   * @param topic whose records have {@link Line}s as values
   */
  public List<Seen> read(String topic) {
    List<Seen> seen = new ArrayList<>();
    records(topic).forEach(record -> seen.add(seen(record)));
    return seen;
  }

  /**
   * The time from the sending of records to the writing of their outputs, by the topic's
   * timestamps.
   *
   * @param share of the outputs that took no longer, such as 0.99
   * @return in milliseconds; 0 where there are none
   */
  public long lateMillis(String topic, double share) {
    List<Long> late = new ArrayList<>();
    for (ConsumerRecord<byte[], byte[]> record : records(topic)) {
      Line line = Line.parse(new String(record.value(), StandardCharsets.UTF_8));
      late.add(record.timestamp() - line.sentAt());
    }
    late.sort(null);
    return late.isEmpty() ? 0 : late.get((int) ((late.size() - 1) * share));
  }

  private List<ConsumerRecord<byte[], byte[]>> records(String topic) {
    Map<String, Object> settings =
        Map.of(
            "bootstrap.servers",
            bootstrapServers,
            "isolation.level",
            "read_committed",
            "enable.auto.commit",
            false,
            "auto.offset.reset",
            "none",
            "max.poll.records",
            10_000);
    List<ConsumerRecord<byte[], byte[]>> found = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic, CALL).stream()
              .map(info -> new TopicPartition(topic, info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions, CALL);
      Map<TopicPartition, Long> at = new HashMap<>();
      while (partitions.stream().anyMatch(one -> at.getOrDefault(one, 0L) < ends.get(one))) {
        consumer.poll(POLL).forEach(found::add);
        partitions.forEach(one -> at.put(one, consumer.position(one, CALL)));
      }
    }
    return found;
  }

  private static Seen seen(ConsumerRecord<byte[], byte[]> record) {
    Line line = Line.parse(new String(record.value(), StandardCharsets.UTF_8));
    String place = place(record);
    int dash = place.lastIndexOf('-');
    int at = place.lastIndexOf('@');
    return new Seen(
        line.id(),
        new String(record.key(), StandardCharsets.UTF_8),
        line.amount(),
        place.substring(0, dash),
        Integer.parseInt(place.substring(dash + 1, at)),
        Long.parseLong(place.substring(at + 1)),
        new Seen.Place(record.partition(), record.offset()));
  }

  /**
   * Position of the source record, such as orders-3@17: a dead letter has it in three headers, an
   * output at the beginning of one.
   */
  private static String place(ConsumerRecord<byte[], byte[]> record) {
    if (record.headers().lastHeader("dead-letter-topic") != null) {
      return header(record, "dead-letter-topic")
          + "-"
          + header(record, "dead-letter-partition")
          + "@"
          + header(record, "dead-letter-offset");
    }
    return header(record, "source-position").split(";", 2)[0];
  }

  private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
    Header found = record.headers().lastHeader(name);
    if (found == null) {
      throw new IllegalStateException(
          record.topic() + "-" + record.partition() + "@" + record.offset() + " has no " + name);
    }
    return new String(found.value(), StandardCharsets.UTF_8);
  }
}
