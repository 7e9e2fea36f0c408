package io.exactlyonce.local;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Operations of specs and demo on a Kafka, outside the pipeline. */
public final class KafkaHelper implements AutoCloseable {
  private static final Duration TOPIC_BOUND = Duration.ofSeconds(30);

  private final String bootstrapServers;
  private final Admin admin;

  public KafkaHelper(String bootstrapServers) {
    this.bootstrapServers = bootstrapServers;
    admin =
        Admin.create(
            Map.of(
                "bootstrap.servers", bootstrapServers,
                "retry.backoff.max.ms", 200,
                "reconnect.backoff.max.ms", 200));
  }

  public Admin admin() {
    return admin;
  }

  /**
   * Creates a topic with the cluster's default replication, and returns when it can be written to.
   */
  public void createTopic(String name, int partitions, Map<String, String> configs) {
    NewTopic topic = new NewTopic(name, Optional.of(partitions), Optional.empty());
    get(admin.createTopics(List.of(topic.configs(configs))).all());
    awaitTopic(name, partitions);
  }

  /**
   * Creates a topic unless it exists; another process may create it at the same time.
   *
   * @return its number of partitions
   */
  public int maybeCreateTopic(String name, int partitions) {
    try {
      createTopic(name, partitions, Map.of());
      return partitions;
    } catch (IllegalStateException e) {
      if (!(e.getCause() instanceof TopicExistsException)) {
        throw e;
      }
      awaitTopic(name, 1);
      return get(admin.describeTopics(List.of(name)).allTopicNames()).get(name).partitions().size();
    }
  }

  /** Changes one setting of an existing topic. */
  public void configure(String topic, String setting, String value) {
    AlterConfigOp change = new AlterConfigOp(new ConfigEntry(setting, value), OpType.SET);
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
    get(admin.incrementalAlterConfigs(Map.of(resource, List.of(change))).all());
  }

  /**
   * Waits until a topic is known and its partitions have leaders. A broker learns of a topic a
   * moment after the controller has created it, and becomes its leader a moment later still.
   * Between the two, an idempotent producer's first batch can be refused and its second accepted;
   * the first then is out of order for ever (KAFKA-15591).
   */
  public void awaitTopic(String name, int partitions) {
    if (!Await.within(TOPIC_BOUND, () -> isKnown(name))) {
      throw new IllegalStateException("topic " + name + " is not there");
    }
    Map<TopicPartition, OffsetSpec> ends =
        IntStream.range(0, partitions)
            .mapToObj(partition -> new TopicPartition(name, partition))
            .collect(Collectors.toMap(Function.identity(), partition -> OffsetSpec.latest()));
    // Another broker may answer this, which learns of the topic later.
    if (!Await.within(TOPIC_BOUND, () -> isDone(admin.listOffsets(ends).all()))) {
      throw new IllegalStateException("topic " + name + " has no leaders");
    }
  }

  /**
   * Has the brokers create the topics of their coordinators, and does not wait for them. They are
   * created when a client first asks for one, so otherwise each would be waited for in turn; asked
   * ahead, they are created in parallel.
   */
  public void warmUp() {
    admin.fenceProducers(List.of("warm-up"));
    admin.listConsumerGroupOffsets("warm-up");
  }

  /** Sends the records, and returns when all in-sync replicas have acknowledged all of them. */
  public void produce(List<ProducerRecord<byte[], byte[]>> records) {
    Map<String, Object> config = Map.of("bootstrap.servers", bootstrapServers);
    try (Producer<byte[], byte[]> producer =
        new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer())) {
      var sent = records.stream().map(producer::send).toList();
      producer.flush();
      for (var future : sent) {
        future.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }

  /**
   * The records that a read_committed reader sees, from the beginning to the current last stable
   * offset.
   */
  public List<ConsumerRecord<byte[], byte[]>> readCommitted(String topic) {
    return new TopicReader(bootstrapServers, "read_committed").readToEnd(topic);
  }

  /** All records of the topic, aborted and undecided ones included. */
  public List<ConsumerRecord<byte[], byte[]>> readUncommitted(String topic) {
    return new TopicReader(bootstrapServers, "read_uncommitted").readToEnd(topic);
  }

  @Override
  public void close() {
    admin.close();
  }

  private boolean isKnown(String topic) {
    return isDone(admin.describeTopics(List.of(topic)).allTopicNames());
  }

  private static boolean isDone(KafkaFuture<?> future) {
    try {
      future.get();
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } catch (ExecutionException e) {
      return false;
    }
  }

  private static <T> T get(KafkaFuture<T> future) {
    try {
      return future.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }
}
