package io.exactlyonce.engine.start;

import static org.apache.kafka.common.config.TopicConfig.CLEANUP_POLICY_COMPACT;
import static org.apache.kafka.common.config.TopicConfig.CLEANUP_POLICY_CONFIG;
import static org.apache.kafka.common.config.TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG;
import static org.apache.kafka.common.config.TopicConfig.RETENTION_BYTES_CONFIG;
import static org.apache.kafka.common.config.TopicConfig.RETENTION_MS_CONFIG;

import io.exactlyonce.config.GuardChoice;
import io.exactlyonce.config.PipelineConfig;
import io.exactlyonce.config.RetryTopic;
import io.exactlyonce.config.StartChecksChoice;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.errors.TopicAuthorizationException;

/** Whether the pipeline's topics keep what they are given, and have a partition for each worker. */
public record TopicChecks(PipelineConfig config, ClusterView cluster) {

  List<StartWarning> run() throws ExecutionException, TimeoutException, InterruptedException {
    List<StartWarning> concerns = new ArrayList<>();
    boolean local = cluster.isLocal();
    int partitions = 0;
    for (var described : cluster.topics(all()).entrySet()) {
      String topic = described.getKey();
      TopicDescription description = cluster.get(described.getValue());
      if (config.source().contains(topic)) {
        partitions += description.partitions().size();
      }
      Config settings = settings(topic, concerns);
      if (!local) {
        checkReplicas(topic, replication(description), settings, concerns);
      }
      checkKept(topic, settings, concerns);
    }
    if (config.startChecks() == StartChecksChoice.STRICT) {
      // Else it is the scale's to warn of, which knows when it is no longer so.
      concerns.addAll(idle(config, config.workers(), partitions));
    }
    return concerns;
  }

  /**
   * The warning of workers without a partition; none where each can have one.
   *
   * @param partitions of all source topics together
   */
  public static List<StartWarning> idle(PipelineConfig config, int workers, int partitions) {
    return workers <= partitions
        ? List.of()
        : List.of(
            new StartWarning(
                config.key("workers"),
                workers,
                config.source()
                    + " has "
                    + partitions
                    + " partitions, so "
                    + (workers - partitions)
                    + " of them stand idle; add partitions or take fewer workers"));
  }

  private Set<String> all() {
    Set<String> all = new TreeSet<>(config.source());
    all.addAll(config.sinks());
    config.retry().topics().stream().map(RetryTopic::name).forEach(all::add);
    all.add(config.deadLetters());
    all.add(config.receipts());
    return all;
  }

  /** Null where they may not be seen. */
  private Config settings(String topic, List<StartWarning> concerns)
      throws ExecutionException, TimeoutException, InterruptedException {
    try {
      return cluster.topicConfigs(List.of(topic)).get(topic);
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof TopicAuthorizationException)) {
        throw e;
      }
      concerns.add(
          new StartWarning(
              "topic " + topic,
              "denied [DESCRIBE_CONFIGS]",
              "so its settings are not checked; allow this instance's principal with: kafka-acls.sh"
                  + " --add --allow-principal User:NAME --topic "
                  + topic
                  + " --operation DESCRIBE_CONFIGS"));
      return null;
    }
  }

  private static int replication(TopicDescription topic) {
    return topic.partitions().stream().mapToInt(p -> p.replicas().size()).min().orElse(0);
  }

  /** What acks=all is worth: so many brokers have a record before it counts as written. */
  private static void checkReplicas(
      String topic, int replication, Config settings, List<StartWarning> concerns) {
    if (replication < 2) {
      concerns.add(
          new StartWarning(
              "topic " + topic + " replication",
              replication,
              "a broker that is lost takes its records along; raise it to 3 with"
                  + " kafka-reassign-partitions.sh"));
      return;
    }
    int inSync = settings == null ? 2 : (int) number(settings, MIN_IN_SYNC_REPLICAS_CONFIG);
    if (inSync < 2) {
      concerns.add(
          new StartWarning(
              "topic " + topic + " " + MIN_IN_SYNC_REPLICAS_CONFIG,
              inSync,
              "a record that one broker has counts as written, and is lost with it; set it to 2"));
    } else if (inSync >= replication && settings != null) {
      concerns.add(
          new StartWarning(
              "topic " + topic + " " + MIN_IN_SYNC_REPLICAS_CONFIG,
              inSync,
              "with replication "
                  + replication
                  + " nothing can be written while one broker is away; raise the replication"));
    }
  }

  /** The guard's claims are rebuilt from the source and the receipts: both must reach so far. */
  private void checkKept(String topic, Config settings, List<StartWarning> concerns) {
    boolean source = config.source().contains(topic);
    boolean rebuiltFrom = source || topic.equals(config.receipts());
    if (settings == null || !rebuiltFrom || config.guard().store() == GuardChoice.OFF) {
      return;
    }
    String remedy = " than guard.window before Redis was lost would pass; ";
    long window = config.guard().window().toMillis();
    long kept = number(settings, RETENTION_MS_CONFIG);
    if (kept >= 0 && kept < window) {
      concerns.add(
          new StartWarning(
              "topic " + topic + " " + RETENTION_MS_CONFIG,
              kept,
              "duplicates of records no older"
                  + remedy
                  + "keep it for "
                  + window
                  + " or lower "
                  + config.key("guard.window")));
    }
    long bytes = number(settings, RETENTION_BYTES_CONFIG);
    if (bytes >= 0) {
      concerns.add(
          new StartWarning(
              "topic " + topic + " " + RETENTION_BYTES_CONFIG,
              bytes,
              "if that is less than "
                  + window
                  + " ms of records, duplicates no older"
                  + remedy
                  + "set it to -1 or large enough"));
    }
    if (source && settings.get(CLEANUP_POLICY_CONFIG).value().contains(CLEANUP_POLICY_COMPACT)) {
      concerns.add(
          new StartWarning(
              "topic " + topic + " " + CLEANUP_POLICY_CONFIG,
              settings.get(CLEANUP_POLICY_CONFIG).value(),
              "of records that were compacted away, duplicates no older"
                  + remedy
                  + "set it to delete"));
    }
  }

  private static long number(Config settings, String key) {
    return Long.parseLong(settings.get(key).value());
  }
}
