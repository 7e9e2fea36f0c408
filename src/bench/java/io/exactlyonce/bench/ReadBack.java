package io.exactlyonce.bench;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads topics after a run, as a read_committed reader sees them. */
record ReadBack(String bootstrapServers, Load load) {

  /** The outputs alone: whether any is missing is for the caller to say. */
  Verdict outputs(String sink) {
    Tally tally = new Tally(load);
    read(sink, Map.of(), output -> tally.output(output.key(), output.value()));
    return tally.verdict();
  }

  /** The outputs beside the records that were committed. */
  Verdict outputs(String sink, String source, Map<TopicPartition, Long> committed) {
    Tally tally = new Tally(load);
    read(source, committed, input -> tally.committed(input.value()));
    read(sink, Map.of(), output -> tally.output(output.key(), output.value()));
    return tally.verdict();
  }

  /**
   * @param until offsets before which to stop; empty is the end of now
   */
  private void read(
      String topic,
      Map<TopicPartition, Long> until,
      Consumer<ConsumerRecord<byte[], byte[]>> records) {
    Map<String, Object> settings =
        Map.of(
            "bootstrap.servers",
            bootstrapServers,
            "isolation.level",
            "read_committed",
            "max.poll.records",
            20_000,
            "fetch.max.bytes",
            64 * 1024 * 1024,
            "max.partition.fetch.bytes",
            8 * 1024 * 1024);
    try (var consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(info -> new TopicPartition(topic, info.partition()))
              .collect(Collectors.toList());
      Map<TopicPartition, Long> ends = until.isEmpty() ? consumer.endOffsets(partitions) : until;
      partitions.removeIf(partition -> ends.getOrDefault(partition, 0L) == 0);
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      while (!partitions.isEmpty()) {
        for (var record : consumer.poll(Duration.ofMillis(200))) {
          if (record.offset() < ends.get(new TopicPartition(topic, record.partition()))) {
            records.accept(record);
          }
        }
        if (partitions.removeIf(p -> consumer.position(p) >= ends.get(p))) {
          consumer.assign(partitions);
        }
      }
    }
  }
}
