package io.exactlyonce.receipt;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.LeaderNotAvailableException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * Offsets at which topics begin and end, and offsets that a group has committed. Every method
 * throws a {@link KafkaException} where the broker refuses a request, or does not answer in time.
 *
 * @param timeout bound of each request, and of each wait for leaders or stable offsets
 */
public record LogOffsets(Admin admin, Duration timeout) {
  private static final long PAUSE_NANOS = 20_000_000;
  private static final long LEADER_PAUSE_NANOS = 100_000_000;

  /**
   * Descriptions of topics, by name.
   *
   * @throws UnknownTopicOrPartitionException naming a topic that does not exist
   */
  public Map<String, TopicDescription> describe(Collection<String> topics) {
    Map<String, TopicDescription> described = new HashMap<>();
    admin
        .describeTopics(topics)
        .topicNameValues()
        .forEach((topic, description) -> described.put(topic, describe(topic, description)));
    return described;
  }

  private TopicDescription describe(String topic, KafkaFuture<TopicDescription> description) {
    try {
      return get(description);
    } catch (UnknownTopicOrPartitionException e) {
      throw new UnknownTopicOrPartitionException("topic " + topic + " does not exist", e);
    }
  }

  public List<TopicPartition> partitions(Collection<String> topics) {
    return describe(topics).values().stream()
        .flatMap(
            topic ->
                topic.partitions().stream()
                    .map(info -> new TopicPartition(topic.name(), info.partition())))
        .toList();
  }

  public Map<TopicPartition, Long> earliest(Collection<TopicPartition> partitions) {
    return offsets(partitions, OffsetSpec.earliest());
  }

  /** The high watermarks; records of undecided transactions are below them too. */
  public Map<TopicPartition, Long> latest(Collection<TopicPartition> partitions) {
    return offsets(partitions, OffsetSpec.latest());
  }

  /** The last stable offsets; all transactions of records below them are decided. */
  public Map<TopicPartition, Long> latestStable(Collection<TopicPartition> partitions) {
    return offsets(
        partitions, OffsetSpec.latest(), new ListOffsetsOptions(IsolationLevel.READ_COMMITTED));
  }

  /**
   * The offset of the first record with this timestamp or a later one, in ms since the epoch; the
   * high watermark where there is none.
   */
  public Map<TopicPartition, Long> since(Collection<TopicPartition> partitions, long millis) {
    Map<TopicPartition, Long> found =
        offsets(partitions, OffsetSpec.forTimestamp(Math.max(0, millis)));
    Map<TopicPartition, Long> ends = latest(partitions);
    found.replaceAll((partition, offset) -> offset < 0 ? ends.get(partition) : offset);
    return found;
  }

  /**
   * The group's committed offsets, once no open transaction can change them; partitions without one
   * are absent.
   *
   * <p>The client leaves out, with a warning, partitions whose offsets are not stable yet, and
   * returns null for those without an offset. So partitions that are left out are asked for again.
   */
  public Map<TopicPartition, Long> committed(String group, Collection<TopicPartition> partitions) {
    Map<TopicPartition, Long> offsets = new HashMap<>();
    committedWhole(group, partitions)
        .forEach((partition, committed) -> offsets.put(partition, committed.offset()));
    return offsets;
  }

  /** The same as {@link #committed}, with the metadata of the offsets. */
  public Map<TopicPartition, OffsetAndMetadata> committedWhole(
      String group, Collection<TopicPartition> partitions) {
    ListConsumerGroupOffsetsOptions stable =
        new ListConsumerGroupOffsetsOptions().requireStable(true);
    Map<TopicPartition, OffsetAndMetadata> committed = new HashMap<>();
    Set<TopicPartition> open = new HashSet<>(partitions);
    long began = System.nanoTime();
    while (!open.isEmpty()) {
      Map<String, ListConsumerGroupOffsetsSpec> asked =
          Map.of(group, new ListConsumerGroupOffsetsSpec().topicPartitions(open));
      get(admin.listConsumerGroupOffsets(asked, stable).partitionsToOffsetAndMetadata(group))
          .forEach(
              (partition, offset) -> {
                open.remove(partition);
                if (offset != null) {
                  committed.put(partition, offset);
                }
              });
      if (!open.isEmpty()) {
        waitForStable(group, open, began);
      }
    }
    return committed;
  }

  private void waitForStable(String group, Set<TopicPartition> open, long began) {
    if (System.nanoTime() - began > timeout.toNanos()) {
      throw new TimeoutException(
          "offsets of group " + group + " are not stable, a transaction is open: " + open);
    }
    LockSupport.parkNanos(PAUSE_NANOS);
  }

  private Map<TopicPartition, Long> offsets(
      Collection<TopicPartition> partitions, OffsetSpec spec) {
    return offsets(partitions, spec, new ListOffsetsOptions());
  }

  private Map<TopicPartition, Long> offsets(
      Collection<TopicPartition> partitions, OffsetSpec spec, ListOffsetsOptions options) {
    awaitLeaders(partitions);
    Map<TopicPartition, OffsetSpec> asked =
        partitions.stream().collect(Collectors.toMap(p -> p, p -> spec));
    Map<TopicPartition, ListOffsetsResultInfo> found = get(admin.listOffsets(asked, options).all());
    Map<TopicPartition, Long> offsets = new HashMap<>();
    found.forEach((partition, info) -> offsets.put(partition, info.offset()));
    return offsets;
  }

  /**
   * Waits until each partition has a leader. The client itself (kafka-clients 4.3.1) would repeat
   * its request without a pause, thousands of times a second.
   */
  private void awaitLeaders(Collection<TopicPartition> partitions) {
    Set<String> topics = partitions.stream().map(TopicPartition::topic).collect(Collectors.toSet());
    long began = System.nanoTime();
    while (!topics.isEmpty()) {
      Map<String, TopicDescription> described = describe(topics);
      List<TopicPartition> leaderless =
          partitions.stream()
              .filter(p -> !isLed(requireNonNull(described.get(p.topic())), p))
              .toList();
      if (leaderless.isEmpty()) {
        return;
      }
      if (System.nanoTime() - began > timeout.toNanos()) {
        throw new LeaderNotAvailableException("no broker leads " + leaderless);
      }
      LockSupport.parkNanos(LEADER_PAUSE_NANOS);
    }
  }

  /**
   * Whether the partition has a leader; also true of one that the topic does not have, which is
   * then asked for and refused by the broker.
   */
  private static boolean isLed(TopicDescription topic, TopicPartition partition) {
    return topic.partitions().stream()
        .filter(info -> info.partition() == partition.partition())
        .allMatch(info -> info.leader() != null && !info.leader().isEmpty());
  }

  /** Waits for the value, for at most {@code timeout}. */
  public <T> T get(KafkaFuture<T> future) {
    try {
      return future.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof KafkaException known ? known : new KafkaException(e.getCause());
    } catch (java.util.concurrent.TimeoutException e) {
      throw new TimeoutException("Kafka did not answer within " + timeout.toSeconds() + " s", e);
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }
}
