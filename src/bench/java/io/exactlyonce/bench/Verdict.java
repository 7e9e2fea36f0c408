package io.exactlyonce.bench;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * What a read_committed reader finds in the sink after a run.
 *
 * @param outputs how many different ones
 * @param missing outputs of records that are committed; known after {@link #of}
 * @param twice numbers that are there more than once
 * @param disordered outputs that stand behind a later one of their key
 */
record Verdict(long outputs, long missing, long twice, long disordered) {

  static Verdict read(String bootstrapServers, String sink) {
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
    Count count = new Count();
    try (var consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(sink).stream()
              .map(info -> new TopicPartition(sink, info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.get(p))) {
        consumer.poll(Duration.ofMillis(200)).forEach(count::add);
      }
    }
    return new Verdict(count.seen.cardinality(), 0, count.twice, count.disordered);
  }

  /** After so many records were committed; a loop that sends before it commits may be ahead. */
  Verdict of(long committed) {
    return new Verdict(outputs, Math.max(0, committed - outputs), twice, disordered);
  }

  /** An at-least-once loop may repeat itself after a crash; here nothing crashes. */
  boolean isGood() {
    return missing == 0 && twice == 0 && disordered == 0;
  }

  private static final class Count {
    private final BitSet seen = new BitSet();
    private final Map<ByteBuffer, Long> last = new HashMap<>();
    private long twice;
    private long disordered;

    void add(ConsumerRecord<byte[], byte[]> output) {
      long number = Payload.number(output.value());
      if (seen.get((int) number)) {
        twice++;
      }
      seen.set((int) number);
      Long before = last.put(ByteBuffer.wrap(output.key()), number);
      if (before != null && before > number) {
        disordered++;
      }
    }
  }
}
