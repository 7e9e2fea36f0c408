package io.exactlyonce.lag;

import static java.util.Objects.requireNonNull;

import io.exactlyonce.receipt.BoundedClose;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the first record that a group has not committed, for its timestamp: only that shows the age
 * of a lag that is older than the measuring process.
 *
 * <p>A look-up of offsets by time would need fewer bytes, and is not used: the broker answers it
 * with the first record of that time or later anywhere in the log, so a single record with a time
 * in the future would hide every lag behind it.
 */
public final class OldestRecords {
  /** Settings of its readers, with small fetches: a few records of each partition are enough. */
  public static final Map<String, Object> READER_SETTINGS =
      Map.of(
          ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG,
          16 * 1024,
          ConsumerConfig.FETCH_MAX_BYTES_CONFIG,
          4 * 1024 * 1024,
          ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG,
          50,
          ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
          10_000);

  private static final Logger LOG = LoggerFactory.getLogger(OldestRecords.class);
  private static final Duration BOUND = Duration.ofSeconds(3);
  private static final Duration POLL = Duration.ofMillis(100);

  private final Supplier<Consumer<byte[], byte[]>> readers;

  /**
   * @param readers makes read_committed consumers without a group
   */
  OldestRecords(Supplier<Consumer<byte[], byte[]>> readers) {
    this.readers = readers;
  }

  /**
   * Timestamps of the first readable record of each partition, from {@link PartitionSample#from}
   * on. Partitions of which none was read within the bound are absent, and measured without it.
   */
  Map<TopicPartition, RecordTime> read(Map<TopicPartition, PartitionSample> partitions) {
    Map<TopicPartition, RecordTime> found = new HashMap<>();
    if (partitions.isEmpty()) {
      return found;
    }
    try (BoundedClose<Consumer<byte[], byte[]>> reader = BoundedClose.of(readers.get())) {
      read(reader.client(), partitions, found);
    } catch (InterruptException e) {
      throw e;
    } catch (KafkaException e) {
      LOG.debug("oldest records were not read", e);
    }
    return found;
  }

  private static void read(
      Consumer<byte[], byte[]> reader,
      Map<TopicPartition, PartitionSample> partitions,
      Map<TopicPartition, RecordTime> found) {
    List<TopicPartition> open = new ArrayList<>(partitions.keySet());
    reader.assign(open);
    partitions.forEach((partition, sample) -> reader.seek(partition, sample.from()));
    long deadline = System.nanoTime() + BOUND.toNanos();
    while (!open.isEmpty() && System.nanoTime() - deadline < 0) {
      ConsumerRecords<byte[], byte[]> polled = reader.poll(POLL);
      for (TopicPartition partition : polled.partitions()) {
        var first = polled.records(partition).get(0);
        found.putIfAbsent(partition, new RecordTime(first.offset(), first.timestamp()));
      }
      // The position shows the end too where only markers and aborted records lie before it.
      Set<TopicPartition> assigned = Set.copyOf(open);
      open.removeIf(
          p ->
              found.containsKey(p)
                  || reader.position(p, POLL) >= requireNonNull(partitions.get(p)).stable());
      reader.pause(assigned.stream().filter(p -> !open.contains(p)).toList());
    }
  }
}
