package io.exactlyonce.local;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads a topic from its beginning to the end that it has when the reading starts. */
record TopicReader(String bootstrapServers, String isolationLevel) {
  private static final Duration BOUND = Duration.ofSeconds(30);
  private static final Duration POLL = Duration.ofMillis(100);

  List<ConsumerRecord<byte[], byte[]>> readToEnd(String topic) {
    Map<String, Object> config =
        Map.of(
            "bootstrap.servers", bootstrapServers,
            "isolation.level", isolationLevel,
            "allow.auto.create.topics", false);
    try (Consumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(info -> new TopicPartition(topic, info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      // With read_committed these are the last stable offsets.
      return read(consumer, consumer.endOffsets(partitions));
    }
  }

  private static List<ConsumerRecord<byte[], byte[]>> read(
      Consumer<byte[], byte[]> consumer, Map<TopicPartition, Long> ends) {
    List<ConsumerRecord<byte[], byte[]>> seen = new ArrayList<>();
    long deadline = System.nanoTime() + BOUND.toNanos();
    while (ends.entrySet().stream().anyMatch(e -> consumer.position(e.getKey()) < e.getValue())) {
      if (System.nanoTime() - deadline > 0) {
        throw new IllegalStateException("read " + seen.size() + " records, but not up to " + ends);
      }
      // A poll may return records after the ends; these are left out.
      for (ConsumerRecord<byte[], byte[]> one : consumer.poll(POLL)) {
        if (one.offset() < ends.get(new TopicPartition(one.topic(), one.partition()))) {
          seen.add(one);
        }
      }
    }
    return seen;
  }
}
