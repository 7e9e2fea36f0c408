package io.exactlyonce.config;

import io.exactlyonce.config.value.OnExhausted;
import io.exactlyonce.config.value.RetryTopic;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** The keys below {@code retry}: when a record that failed is tried again, and what comes after. */
final class RetrySettings {
  static final Setting<Integer> RETRY_ATTEMPTS =
      Setting.count(
          "retry.attempts",
          "3",
          1,
          1000,
          "Handler calls for a record that fails, the first one included. After them"
              + " the record goes to the first of retry.topics, or retry.on-exhausted decides.");
  static final Setting<Duration> RETRY_BACKOFF =
      Setting.duration(
          "retry.backoff",
          "100ms",
          Duration.ZERO,
          "Wait before the second call. Doubles with each further one.");
  static final Setting<Duration> RETRY_MAX_BACKOFF =
      Setting.duration("retry.max-backoff", "10s", Duration.ZERO, "Upper limit of retry.backoff.");
  static final Setting<List<String>> RETRY_ON =
      Setting.names(
          "retry.on",
          "",
          "classes",
          "Exceptions that are retried, subclasses included. Any other makes the record"
              + " a dead letter at once. Left out: all are retried.");
  static final Setting<List<String>> RETRY_NEVER =
      Setting.names(
          "retry.never",
          "",
          "classes",
          "Exceptions that make the record a dead letter at once, subclasses included."
              + " Wins over retry.on.");
  static final Setting<OnExhausted> RETRY_ON_EXHAUSTED =
      Setting.choice(
          "retry.on-exhausted",
          OnExhausted.DEAD_LETTER,
          OnExhausted.class,
          "What happens to a record whose attempts are used up. stop: its partition"
              + " waits for an operator's decision.");
  static final Setting<List<Duration>> RETRY_TOPICS =
      Setting.durations(
          "retry.topics",
          "",
          Duration.ofMillis(100),
          "Delays. A record whose attempts are used up is written to the topic"
              + " <group>.retry.<delay>, where it holds back nothing, and is tried again after"
              + " the delay; then the next delay follows. Needs ordering none. Remove a delay"
              + " only once its topic is drained.");

  private RetrySettings() {}

  /**
   * @param group consumer group; the names of its retry topics begin with it
   */
  static PipelineConfig.Retry read(String pipeline, Map<String, String> raw, String group) {
    return new PipelineConfig.Retry(
        RETRY_ATTEMPTS.read(pipeline, raw),
        RETRY_BACKOFF.read(pipeline, raw),
        RETRY_MAX_BACKOFF.read(pipeline, raw),
        RETRY_ON.read(pipeline, raw),
        RETRY_NEVER.read(pipeline, raw),
        RETRY_ON_EXHAUSTED.read(pipeline, raw),
        RETRY_TOPICS.read(pipeline, raw).stream()
            .map(delay -> RetryTopic.of(group, delay))
            .toList());
  }
}
