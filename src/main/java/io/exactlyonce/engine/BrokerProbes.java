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
 * Probes every broker that leads a partition of the pipeline's topics. While one of several brokers
 * is silent, the others answer for the cluster, and an idle pipeline would not notice that the
 * silent broker's partitions cannot be read. One thread alone calls it.
 */
final class BrokerProbes {
  private static final Logger LOG = LoggerFactory.getLogger(BrokerProbes.class);
  private static final Duration BOUND = Duration.ofSeconds(5);
  private static final Duration BETWEEN_LOOKS_AT_LEADERS = Duration.ofSeconds(1);

  /**
   * Longer than the cluster's patience, so that an outage of all brokers is reported as one of the
   * cluster and not of each broker.
   */
  static final Duration PATIENCE = BackendProbe.PATIENCE.plusSeconds(1);

  private final String pipeline;
  private final Admin admin;
  private final TopicIds topicIds;
  private final Runnable onAnswer;
  private final Clock clock;
  private final Map<Node, BackendProbe> probes = new TreeMap<>(Comparator.comparing(Node::id));

  /** Leader of each partition; for a partition without a leader, its last one. */
  private Map<TopicPartition, Node> leaders = Map.of();

  private @Nullable Long leadersAt;

  /**
   * @param onAnswer called at each answer of any broker; must not block
   */
  BrokerProbes(String pipeline, Admin admin, TopicIds topicIds, Runnable onAnswer, Clock clock) {
    this.pipeline = pipeline;
    this.admin = admin;
    this.topicIds = topicIds;
    this.onAnswer = onAnswer;
    this.clock = clock;
  }

  /** The silent brokers, and since when each is silent, in one line; empty while all answer. */
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

  /**
   * Drops all probes, while the cluster as a whole is silent; the next {@link #look} begins new
   * ones. Returns the empty text.
   */
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
          "{}: {} still does not answer, but leads no partition of the pipeline any more",
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
