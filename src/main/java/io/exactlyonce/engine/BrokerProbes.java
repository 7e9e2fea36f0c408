package io.exactlyonce.engine;

import io.exactlyonce.engine.topic.TopicIds;
import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeFeaturesOptions;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks every broker that leads a partition of the pipeline's topics for a sign of life. Where one
 * broker of several is silent the others answer for the cluster, and an idle pipeline would not
 * find out that the partitions of the silent one stand still. One thread alone calls it.
 */
final class BrokerProbes {
  private static final Logger LOG = LoggerFactory.getLogger(BrokerProbes.class);
  private static final Duration BOUND = Duration.ofSeconds(5);
  private static final Duration BETWEEN_LOOKS_AT_LEADERS = Duration.ofSeconds(1);

  /** More than the cluster's: where no broker answers, that is said of the cluster alone. */
  static final Duration PATIENCE = BackendProbe.PATIENCE.plusSeconds(1);

  private final String pipeline;
  private final Admin admin;
  private final TopicIds topicIds;
  private final Runnable onAnswer;
  private final Clock clock;
  private final Map<Node, BackendProbe> probes = new TreeMap<>(Comparator.comparing(Node::id));

  /** Of a partition without a leader the last one. */
  private Map<TopicPartition, Node> leaders = Map.of();

  private @Nullable Long leadersAt;

  /**
   * @param onAnswer told of each answer of any broker; must not block
   */
  BrokerProbes(String pipeline, Admin admin, TopicIds topicIds, Runnable onAnswer, Clock clock) {
    this.pipeline = pipeline;
    this.admin = admin;
    this.topicIds = topicIds;
    this.onAnswer = onAnswer;
    this.clock = clock;
  }

  /** Which brokers are silent, and since when; empty where all answer. */
  String look(long now) {
    if (leadersAt == null || now - leadersAt > BETWEEN_LOOKS_AT_LEADERS.toNanos()) {
      leadersAt = now;
      lookAtLeaders();
    }
    return probes.values().stream()
        .map(probe -> probe.look(now))
        .filter(text -> !text.isEmpty())
        .collect(Collectors.joining("; "));
  }

  /** While the cluster is silent nothing is said of its brokers; afterwards they begin anew. */
  String pause() {
    probes.clear();
    leadersAt = null;
    return "";
  }

  private void lookAtLeaders() {
    Map<TopicPartition, Node> now = new HashMap<>();
    topicIds
        .leaders()
        .forEach(
            (partition, leader) -> {
              Node known = leader.orElseGet(() -> leaders.get(partition));
              if (known != null) {
                now.put(partition, known);
              }
            });
    leaders = now;
    Set<Node> leading = new HashSet<>(now.values());
    probes.entrySet().removeIf(probe -> !leading.contains(probe.getKey()) && letGo(probe));
    leading.forEach(broker -> probes.computeIfAbsent(broker, this::probe));
  }

  private boolean letGo(Map.Entry<Node, BackendProbe> probe) {
    if (probe.getValue().isSilent()) {
      LOG.info(
          "{}: {} is silent still, and leads none of its partitions any more",
          pipeline,
          name(probe.getKey()));
    }
    return true;
  }

  private BackendProbe probe(Node broker) {
    DescribeFeaturesOptions ofIt =
        new DescribeFeaturesOptions().nodeId(broker.id()).timeoutMs((int) BOUND.toMillis());
    return new BackendProbe(
        pipeline,
        name(broker),
        () -> admin.describeFeatures(ofIt).featureMetadata().toCompletionStage().thenRun(onAnswer),
        clock,
        PATIENCE);
  }

  private static String name(Node broker) {
    return "Kafka broker " + broker.id() + " at " + broker.host() + ":" + broker.port();
  }
}
