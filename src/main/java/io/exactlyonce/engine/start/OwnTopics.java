package io.exactlyonce.engine.start;

import static java.util.Objects.requireNonNull;

import io.exactlyonce.config.PipelineConfig;
import io.exactlyonce.config.value.RetryTopic;
import io.exactlyonce.engine.topic.TopicLimits;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;

/** Checks that the engine's own topics keep all records, and how large a record they take. */
final class OwnTopics {
  private final PipelineConfig config;
  private final Admin admin;
  private final Duration timeout;
  private final StartFindings findings;

  OwnTopics(PipelineConfig config, Admin admin, Duration timeout, StartFindings findings) {
    this.config = config;
    this.admin = admin;
    this.timeout = timeout;
    this.findings = findings;
  }

  /**
   * Refuses a compacted topic, and a topic of dead letters that takes less than {@link
   * TopicLimits#MIN_LETTER} bytes.
   *
   * @param limits takes the largest receipt and the largest dead letter that their topics accept
   * @param present whether a topic exists; one that does not is not checked
   */
  void check(TopicLimits limits, Predicate<String> present)
      throws ExecutionException, TimeoutException, InterruptedException {
    Map<String, String> keys = new LinkedHashMap<>();
    config.retry().topics().stream()
        .map(RetryTopic::name)
        .forEach(name -> keys.put(name, "retry.topics"));
    keys.put(config.deadLetters(), "dead-letters");
    keys.put(config.receipts(), "receipts");
    keys.keySet().removeIf(present.negate());
    Map<String, Config> found = configs(keys.keySet());
    keys.forEach((topic, key) -> refuseCompacted(topic, key, requireNonNull(found.get(topic))));
    if (found.containsKey(config.receipts())) {
      limits.limitReceipts(mostBytes(found.get(config.receipts())));
    }
    if (found.containsKey(config.deadLetters())) {
      checkLetters(limits, found);
    }
  }

  private void checkLetters(TopicLimits limits, Map<String, Config> found) {
    int letters = mostBytes(requireNonNull(found.get(config.deadLetters())));
    if (letters < TopicLimits.MIN_LETTER) {
      findings.refuse(
          new StartWarning(
              config.key("dead-letters"),
              config.deadLetters(),
              "takes at most "
                  + letters
                  + " bytes a record, too few for the headers of a dead letter; set its"
                  + " max.message.bytes to at least "
                  + TopicLimits.MIN_LETTER));
    }
    limits.limitLetters(letters);
  }

  /** Refuses compaction, which would delete letters, receipts and retries that share a key. */
  private void refuseCompacted(String topic, String key, Config found) {
    String policy = found.get(TopicConfig.CLEANUP_POLICY_CONFIG).value();
    if (policy.contains(TopicConfig.CLEANUP_POLICY_COMPACT)) {
      findings.refuse(
          new StartWarning(
              config.key(key),
              topic,
              "is compacted (cleanup.policy "
                  + policy
                  + "), which loses records; set it to delete"));
    }
  }

  private static int mostBytes(Config found) {
    return Integer.parseInt(found.get(TopicConfig.MAX_MESSAGE_BYTES_CONFIG).value());
  }

  private Map<String, Config> configs(Collection<String> topics)
      throws ExecutionException, TimeoutException, InterruptedException {
    List<ConfigResource> wanted =
        topics.stream().map(t -> new ConfigResource(ConfigResource.Type.TOPIC, t)).toList();
    Map<String, Config> found = new LinkedHashMap<>();
    admin
        .describeConfigs(wanted)
        .all()
        .get(timeout.toMillis(), TimeUnit.MILLISECONDS)
        .forEach((resource, settings) -> found.put(resource.name(), settings));
    return found;
  }
}
