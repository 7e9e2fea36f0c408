package io.exactlyonce.lag;

import static java.util.Objects.requireNonNull;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.errors.InterruptException;

/** Requests the partitions of topics, and the beginnings and ends of their logs. */
final class LogEnds {
  /** Offsets of one partition: the log's first, the last stable one, and the high watermark. */
  record Ends(long begin, long stable, long end) {}

  private final Admin admin;

  LogEnds(Admin admin) {
    this.admin = admin;
  }

  /**
   * Descriptions of the topics, by name. A topic without one is absent, and passed to {@code
   * failed}.
   */
  Map<String, TopicDescription> describe(
      Collection<String> topics, Answers answers, BiConsumer<String, KafkaException> failed) {
    Map<String, KafkaFuture<TopicDescription>> asked =
        admin
            .describeTopics(topics, new DescribeTopicsOptions().timeoutMs(answers.leftMillis()))
            .topicNameValues();
    return collect(asked.keySet(), topic -> answers.get(requireNonNull(asked.get(topic))), failed);
  }

  /**
   * Ends by partition, by three requests to each broker side by side. A partition that fails is
   * absent, and passed to {@code failed}.
   */
  Map<TopicPartition, Ends> list(
      Set<TopicPartition> partitions,
      Answers answers,
      BiConsumer<TopicPartition, KafkaException> failed) {
    IsolationLevel all = IsolationLevel.READ_UNCOMMITTED;
    ListOffsetsResult begins = list(partitions, OffsetSpec.earliest(), all, answers);
    ListOffsetsResult ends = list(partitions, OffsetSpec.latest(), all, answers);
    ListOffsetsResult stable =
        list(partitions, OffsetSpec.latest(), IsolationLevel.READ_COMMITTED, answers);
    return collect(
        partitions,
        p ->
            new Ends(
                answers.get(begins.partitionResult(p)).offset(),
                answers.get(stable.partitionResult(p)).offset(),
                answers.get(ends.partitionResult(p)).offset()),
        failed);
  }

  private ListOffsetsResult list(
      Set<TopicPartition> partitions, OffsetSpec spec, IsolationLevel isolation, Answers answers) {
    return admin.listOffsets(
        partitions.stream().collect(Collectors.toMap(Function.identity(), p -> spec)),
        new ListOffsetsOptions(isolation).timeoutMs(answers.leftMillis()));
  }

  private static <K, V> Map<K, V> collect(
      Collection<K> keys, Function<K, V> answer, BiConsumer<K, KafkaException> failed) {
    Map<K, V> found = new HashMap<>();
    for (K key : keys) {
      try {
        found.put(key, answer.apply(key));
      } catch (InterruptException e) {
        throw e;
      } catch (KafkaException e) {
        failed.accept(key, e);
      }
    }
    return found;
  }

  /**
   * Whether a partition has a leader. Where it has none the client (kafka-clients 4.3.1) would
   * repeat its request without a pause, thousands of times a second, until its time-out.
   */
  static boolean isLed(Map<String, TopicDescription> topics, TopicPartition partition) {
    return find(topics, partition).isPresent();
  }

  /** Name of a partition's leader, for messages. */
  static String leader(Map<String, TopicDescription> topics, TopicPartition partition) {
    return find(topics, partition).map(Unmeasured::name).orElse("its leader");
  }

  private static Optional<Node> find(
      Map<String, TopicDescription> topics, TopicPartition partition) {
    return requireNonNull(topics.get(partition.topic())).partitions().stream()
        .filter(info -> info.partition() == partition.partition())
        .map(TopicPartitionInfo::leader)
        .filter(leader -> leader != null && !leader.isEmpty())
        .findFirst();
  }
}
