package io.exactlyonce.engine.start;

import io.exactlyonce.config.PipelineConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TopicExistsException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Creates the topics that are missing; refuses the start where {@code topics.partitions} is 0. */
final class TopicSetup {
  private static final Logger LOG = LoggerFactory.getLogger(TopicSetup.class);

  private final PipelineConfig config;
  private final Admin admin;
  private final Duration timeout;

  TopicSetup(PipelineConfig config, Admin admin, Duration timeout) {
    this.config = config;
    this.admin = admin;
    this.timeout = timeout;
  }

  /** Names of all topics that exist and that this principal may describe. */
  Set<String> existing() throws ExecutionException, TimeoutException, InterruptedException {
    return admin.listTopics().names().get(timeout.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** The topics that the pipeline needs and that do not exist. */
  List<String> missing(Set<String> existing) {
    return wanted().keySet().stream().filter(topic -> !existing.contains(topic)).toList();
  }

  void run() throws ExecutionException, TimeoutException, InterruptedException {
    Set<String> existing = existing();
    List<NewTopic> missing = new ArrayList<>();
    int forSource = sourcePartitions(existing);
    wanted()
        .forEach(
            (topic, settings) -> {
              if (!existing.contains(topic)) {
                missing.add(newTopic(topic, holdsSource(topic) ? forSource : ours(), settings));
              }
            });
    if (missing.isEmpty()) {
      return;
    }
    List<String> names = missing.stream().map(NewTopic::name).toList();
    if (config.topics().partitions() == 0) {
      throw notCreated(names).refusal();
    }
    create(missing);
    awaitLeaders(missing);
    LOG.info("{}: created topics {}", config.name(), names);
  }

  StartWarning notCreated(List<String> missing) {
    return new StartWarning(
        config.key("topics.partitions"),
        0,
        "no topic is created, and these are missing: "
            + missing
            + "; create them, or set the number of partitions to create them with");
  }

  /** Topics that the pipeline needs, with settings. Receipts outlive the claims they prove. */
  private Map<String, Map<String, String>> wanted() {
    Map<String, Map<String, String>> wanted = new LinkedHashMap<>();
    config.source().forEach(topic -> wanted.put(topic, Map.of()));
    config.sinks().forEach(topic -> wanted.put(topic, Map.of()));
    config.retry().topics().forEach(topic -> wanted.put(topic.name(), Map.of()));
    wanted.put(config.deadLetters(), Map.of());
    long retention =
        Math.max(Duration.ofDays(7).toMillis(), 2 * config.guard().window().toMillis());
    wanted.put(config.receipts(), Map.of("retention.ms", Long.toString(retention)));
    return wanted;
  }

  /** Whether the topic holds records of the source, and gets as many partitions. */
  private boolean holdsSource(String topic) {
    return topic.equals(config.deadLetters())
        || config.retry().topics().stream().anyMatch(retry -> retry.name().equals(topic));
  }

  private int sourcePartitions(Set<String> existing)
      throws ExecutionException, TimeoutException, InterruptedException {
    List<String> sources = config.source().stream().filter(existing::contains).toList();
    int most = sources.size() < config.source().size() ? ours() : 0;
    for (TopicDescription source :
        admin
            .describeTopics(sources)
            .allTopicNames()
            .get(timeout.toMillis(), TimeUnit.MILLISECONDS)
            .values()) {
      most = Math.max(most, source.partitions().size());
    }
    return most;
  }

  private int ours() {
    return config.topics().partitions();
  }

  private NewTopic newTopic(String topic, int partitions, Map<String, String> settings) {
    int replication = config.topics().replication();
    return new NewTopic(
            topic,
            Optional.of(partitions),
            replication > 0 ? Optional.of((short) replication) : Optional.empty())
        .configs(settings);
  }

  private void create(List<NewTopic> topics)
      throws ExecutionException, TimeoutException, InterruptedException {
    for (var created : admin.createTopics(topics).values().values()) {
      try {
        created.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
      } catch (ExecutionException e) {
        // Another instance has created it.
        if (!(e.getCause() instanceof TopicExistsException)) {
          throw e;
        }
      }
    }
  }

  /**
   * Waits until each new partition has a leader, since topics are listed before that. A producer
   * that writes in between can have its first batch refused and its second accepted; its first is
   * then out of order for ever (KAFKA-15591).
   */
  private void awaitLeaders(List<NewTopic> topics)
      throws ExecutionException, TimeoutException, InterruptedException {
    Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
    for (NewTopic topic : topics) {
      for (int partition = 0; partition < topic.numPartitions(); partition++) {
        ends.put(new TopicPartition(topic.name(), partition), OffsetSpec.latest());
      }
    }
    // The client sends this to each partition's leader, and retries until there is one.
    admin.listOffsets(ends).all().get(timeout.toMillis(), TimeUnit.MILLISECONDS);
  }
}
