package io.exactlyonce.kit;

import io.exactlyonce.config.PipelineConfig;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;

/** Progress of a pipeline, as the brokers show it. */
record KitProgress(Admin admin, PipelineConfig config) {

  /** Whether the pipeline has made its topics. */
  boolean hasTopics() {
    return get(admin.listTopics().names()).containsAll(topics());
  }

  /**
   * Whether all records of the source are committed, and the transactions of all its topics
   * decided.
   */
  boolean isSettled() {
    if (!hasTopics()) {
      return false;
    }
    Map<TopicPartition, Long> ends = ends(config.source(), IsolationLevel.READ_UNCOMMITTED);
    Map<TopicPartition, OffsetAndMetadata> committed =
        get(admin.listConsumerGroupOffsets(config.group()).partitionsToOffsetAndMetadata());
    boolean drained =
        ends.entrySet().stream()
            .allMatch(
                end ->
                    end.getValue() == 0
                        || (committed.get(end.getKey()) != null
                            && committed.get(end.getKey()).offset() >= end.getValue()));
    // The marker of the offsets' topic may be written before those of the sinks.
    return drained
        && ends(topics(), IsolationLevel.READ_COMMITTED)
            .equals(ends(topics(), IsolationLevel.READ_UNCOMMITTED));
  }

  private List<String> topics() {
    List<String> topics = new ArrayList<>(config.source());
    topics.addAll(config.sinks());
    topics.addAll(List.of(config.deadLetters(), config.receipts()));
    return topics;
  }

  private Map<TopicPartition, Long> ends(List<String> topics, IsolationLevel level) {
    Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
    get(admin.describeTopics(topics).allTopicNames())
        .forEach(
            (topic, description) ->
                description
                    .partitions()
                    .forEach(
                        info ->
                            asked.put(
                                new TopicPartition(topic, info.partition()), OffsetSpec.latest())));
    Map<TopicPartition, Long> ends = new HashMap<>();
    get(admin.listOffsets(asked, new ListOffsetsOptions(level)).all())
        .forEach((partition, info) -> ends.put(partition, info.offset()));
    return ends;
  }

  private static <T> T get(KafkaFuture<T> future) {
    try {
      return future.get();
    } catch (ExecutionException e) {
      throw new KafkaException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KafkaException(e);
    }
  }
}
