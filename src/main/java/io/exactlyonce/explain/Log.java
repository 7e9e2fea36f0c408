package io.exactlyonce.explain;

import static java.util.Objects.requireNonNull;

import io.exactlyonce.deadletter.RecordPosition;
import io.exactlyonce.receipt.LogOffsets;
import io.exactlyonce.receipt.LogReader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;

/**
 * Reads the committed log by position and by time, with one consumer. Nothing here waits for an
 * open transaction: every range ends at the last stable offset.
 */
final class Log {
  private final LogOffsets offsets;
  private final Consumer<byte[], byte[]> consumer;
  private final Duration patience;
  private final Map<String, List<TopicPartition>> partitions = new HashMap<>();
  private final Map<String, Uuid> topicIds = new HashMap<>();
  private long read;

  /**
   * @param consumer read_committed, without a group
   */
  Log(LogOffsets offsets, Consumer<byte[], byte[]> consumer, Duration patience) {
    this.offsets = offsets;
    this.consumer = consumer;
    this.patience = patience;
  }

  LogOffsets offsets() {
    return offsets;
  }

  /** Number of records that were read so far. */
  long read() {
    return read;
  }

  /** The topic's partitions; empty where it does not exist. */
  List<TopicPartition> partitions(String topic) {
    return partitions.computeIfAbsent(topic, this::describe);
  }

  List<TopicPartition> partitions(Collection<String> topics) {
    List<TopicPartition> all = new ArrayList<>();
    topics.forEach(topic -> all.addAll(partitions(topic)));
    return all;
  }

  private List<TopicPartition> describe(String topic) {
    try {
      var description = requireNonNull(offsets.describe(List.of(topic)).get(topic));
      topicIds.put(topic, description.topicId());
      return description.partitions().stream()
          .map(info -> new TopicPartition(topic, info.partition()))
          .toList();
    } catch (UnknownTopicOrPartitionException e) {
      return List.of();
    }
  }

  /** The topic's id; zero where it does not exist. */
  Uuid topicId(String topic) {
    partitions(topic);
    return topicIds.getOrDefault(topic, Uuid.ZERO_UUID);
  }

  Map<TopicPartition, Long> begins(Collection<TopicPartition> some) {
    return some.isEmpty() ? Map.of() : consumer.beginningOffsets(some, patience);
  }

  /** The last stable offsets. */
  Map<TopicPartition, Long> ends(Collection<TopicPartition> some) {
    return some.isEmpty() ? Map.of() : consumer.endOffsets(some, patience);
  }

  /** The first offset of that time or later, at most the last stable one. */
  Map<TopicPartition, Long> since(Collection<TopicPartition> some, long millis) {
    if (some.isEmpty()) {
      return Map.of();
    }
    Map<TopicPartition, Long> ends = ends(some);
    Map<TopicPartition, Long> since = offsets.since(some, millis);
    since.replaceAll((partition, offset) -> Math.min(offset, requireNonNull(ends.get(partition))));
    return since;
  }

  /** How many offsets there are from the one to before the other, over all partitions. */
  static long count(Map<TopicPartition, Long> from, Map<TopicPartition, Long> to) {
    long count = 0;
    for (Map.Entry<TopicPartition, Long> end : to.entrySet()) {
      count += Math.max(0, end.getValue() - from.getOrDefault(end.getKey(), 0L));
    }
    return count;
  }

  void read(
      Map<TopicPartition, Long> from, Map<TopicPartition, Long> to, LogReader.Visitor visitor) {
    new LogReader(consumer, patience, count -> read += count).read(from, to, visitor);
  }

  /** The record at a position; null where no committed one is there. */
  @Nullable ConsumerRecord<byte[], byte[]> record(RecordPosition at) {
    List<TopicPartition> one = List.of(at.partition());
    List<ConsumerRecord<byte[], byte[]>> found = new ArrayList<>();
    if (at.offset() < requireNonNull(begins(one).get(at.partition()))
        || at.offset() >= requireNonNull(ends(one).get(at.partition()))) {
      return null;
    }
    read(
        Map.of(at.partition(), at.offset()),
        Map.of(at.partition(), at.offset() + 1),
        record -> !found.add(record));
    return found.isEmpty() ? null : found.get(0);
  }

  /** The offset of the first committed record from this one on; the end where there is none. */
  long firstFrom(TopicPartition partition, long offset) {
    long end = requireNonNull(ends(List.of(partition)).get(partition));
    long[] first = {end};
    read(
        Map.of(partition, offset),
        Map.of(partition, end),
        record -> {
          first[0] = record.offset();
          return false;
        });
    return first[0];
  }
}
