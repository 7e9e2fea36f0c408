package io.exactlyonce.engine.start;

import static org.apache.kafka.common.config.TopicConfig.CLEANUP_POLICY_COMPACT;
import static org.apache.kafka.common.config.TopicConfig.CLEANUP_POLICY_CONFIG;
import static org.apache.kafka.common.config.TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG;
import static org.apache.kafka.common.config.TopicConfig.RETENTION_BYTES_CONFIG;
import static org.apache.kafka.common.config.TopicConfig.RETENTION_MS_CONFIG;

import io.exactlyonce.config.PipelineConfig;
import io.exactlyonce.config.value.GuardChoice;
import io.exactlyonce.config.value.RetryTopic;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.jspecify.annotations.Nullable;

/** Checks the pipeline's topics: their replication, how long they keep records, partitions. */
record TopicChecks(PipelineConfig config, ClusterView cluster, StartFindings findings) {

  /**
   * @param present whether a topic exists; one that does not is not checked
   * @return how many partitions the source topics have together
   */
  int run(Predicate<String> present)
      throws ExecutionException, TimeoutException, InterruptedException {
    boolean local = cluster.isLocal();
    int partitions = 0;
    for (var described : cluster.topics(all(present)).entrySet()) {
      String topic = described.getKey();
      TopicDescription description = cluster.get(described.getValue());
      if (config.source().contains(topic)) {
        partitions += description.partitions().size();
      }
      Config settings = settings(topic);
      if (!local) {
        checkReplicas(topic, replication(description), settings);
      }
      checkKept(topic, settings);
    }
    return partitions;
  }

  private Set<String> all(Predicate<String> present) {
    Set<String> all = new TreeSet<>(config.source());
    all.addAll(config.sinks());
    config.retry().topics().stream().map(RetryTopic::name).forEach(all::add);
    all.add(config.deadLetters());
    all.add(config.receipts());
    all.removeIf(present.negate());
    return all;
  }

  /** The topic's settings; null, with a warning, where DESCRIBE_CONFIGS is denied. */
  private @Nullable Config settings(String topic)
      throws ExecutionException, TimeoutException, InterruptedException {
    try {
      return cluster.topicConfigs(List.of(topic)).get(topic);
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof TopicAuthorizationException)) {
        throw e;
      }
      findings.warn(
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

  /** Warns where one broker satisfies {@code acks=all}, or one that is away stops all writes. */
  private void checkReplicas(String topic, int replication, @Nullable Config settings) {
    if (replication < 2) {
      findings.warn(
          new StartWarning(
              "topic " + topic + " replication",
              replication,
              "a broker that is lost takes its records along; raise it to 3 with"
                  + " kafka-reassign-partitions.sh"));
      return;
    }
    int inSync = settings == null ? 2 : (int) number(settings, MIN_IN_SYNC_REPLICAS_CONFIG);
    if (inSync < 2) {
      findings.warn(
          new StartWarning(
              "topic " + topic + " " + MIN_IN_SYNC_REPLICAS_CONFIG,
              inSync,
              "a record that one broker has counts as written, and is lost with it; set it to 2"));
    } else if (inSync >= replication && settings != null) {
      findings.warn(
          new StartWarning(
              "topic " + topic + " " + MIN_IN_SYNC_REPLICAS_CONFIG,
              inSync,
              "with replication "
                  + replication
                  + " nothing can be written while one broker is away; raise the replication"));
    }
  }

  /** Warns where a topic that claims are rebuilt from may be shorter than {@code guard.window}. */
  private void checkKept(String topic, @Nullable Config settings) {
    boolean source = config.source().contains(topic);
    boolean rebuiltFrom = source || topic.equals(config.receipts());
    if (settings == null || !rebuiltFrom || config.guard().store() == GuardChoice.OFF) {
      return;
    }
    String risk =
        " be rebuilt from this topic after a loss of Redis, and duplicates would be processed; ";
    long window = config.guard().window().toMillis();
    long kept = number(settings, RETENTION_MS_CONFIG);
    if (kept >= 0 && kept < window) {
      findings.warn(
          new StartWarning(
              "topic " + topic + " " + RETENTION_MS_CONFIG,
              kept,
              "is shorter than guard.window ("
                  + window
                  + " ms), so claims of older records could not"
                  + risk
                  + "set it to at least "
                  + window
                  + ", or lower "
                  + config.key("guard.window")));
    }
    long bytes = number(settings, RETENTION_BYTES_CONFIG);
    if (bytes >= 0) {
      findings.warn(
          new StartWarning(
              "topic " + topic + " " + RETENTION_BYTES_CONFIG,
              bytes,
              "may delete records younger than guard.window ("
                  + window
                  + " ms), so some claims could not"
                  + risk
                  + "set it to -1, or so large that it holds the records of that time"));
    }
    if (source && settings.get(CLEANUP_POLICY_CONFIG).value().contains(CLEANUP_POLICY_COMPACT)) {
      findings.warn(
          new StartWarning(
              "topic " + topic + " " + CLEANUP_POLICY_CONFIG,
              settings.get(CLEANUP_POLICY_CONFIG).value(),
              "claims of records that were compacted away could not" + risk + "set it to delete"));
    }
  }

  private static long number(Config settings, String key) {
    return Long.parseLong(settings.get(key).value());
  }
}
