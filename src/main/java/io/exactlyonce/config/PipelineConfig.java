package io.exactlyonce.config;

import static io.exactlyonce.config.FlowSettings.*;
import static io.exactlyonce.config.GuardSettings.*;
import static io.exactlyonce.config.PipelineSettings.*;

import io.exactlyonce.config.value.Delivery;
import io.exactlyonce.config.value.GroupProtocolChoice;
import io.exactlyonce.config.value.GuardChoice;
import io.exactlyonce.config.value.JsonChoice;
import io.exactlyonce.config.value.Membership;
import io.exactlyonce.config.value.OnExhausted;
import io.exactlyonce.config.value.OnGuardFailure;
import io.exactlyonce.config.value.OnIncompleteRebuild;
import io.exactlyonce.config.value.OnMissingId;
import io.exactlyonce.config.value.Ordering;
import io.exactlyonce.config.value.OutputHeaderNames;
import io.exactlyonce.config.value.RetryTopic;
import io.exactlyonce.config.value.StartChecksChoice;
import io.exactlyonce.config.value.TombstoneChoice;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The configuration of one pipeline, checked as far as it can be without a broker.
 *
 * @param consumerOverrides further settings of the Kafka consumers, by Kafka's names
 * @param producerOverrides further settings of the Kafka producers, by Kafka's names
 */
public record PipelineConfig(
    String name,
    List<String> source,
    List<String> sinks,
    String group,
    String instanceId,
    int workers,
    Ordering ordering,
    int concurrency,
    Delivery delivery,
    GroupProtocolChoice groupProtocol,
    Membership membership,
    Commits commits,
    Duration drainTimeout,
    Duration stopTimeout,
    HandlerLimits handlerLimits,
    Restarts restarts,
    StartChecksChoice startChecks,
    Bounds bounds,
    GuardConfig guard,
    Retry retry,
    Duration effectsTimeout,
    Duration lagCheckEvery,
    Alerts alerts,
    ScalingConfig scaling,
    ClientMetricsChoice clientMetrics,
    OutputHeaderNames headers,
    String deadLetters,
    String receipts,
    Codecs codecs,
    Topics topics,
    Map<String, String> consumerOverrides,
    Map<String, String> producerOverrides) {

  public static final String PREFIX = "pipelines.";

  /**
   * When a transaction commits, and when the broker aborts it.
   *
   * @param target longest time that writing its outputs may take at the commit
   */
  public record Commits(
      Duration interval,
      Duration floor,
      int records,
      long bytes,
      Duration target,
      Duration transactionTimeout) {}

  /**
   * @param timeout longest handling of one record; zero: no limit
   * @param stallAfter time without progress after which a partition is reported
   */
  public record HandlerLimits(Duration timeout, Duration stallAfter) {}

  /** When a failed worker restarts. After {@code failures} in {@code window} it stays down. */
  public record Restarts(int failures, Duration window, Duration backoff, Duration maxBackoff) {}

  /**
   * Records and bytes that a worker may hold, and how fast it reads.
   *
   * @param partitionRecords records of one partition; 0: its share of {@code records}
   * @param partitionBytes bytes of one partition; 0: its share of {@code bytes}
   * @param recordsPerSecond of all workers of this instance together; 0: no limit
   */
  public record Bounds(
      int records, long bytes, int partitionRecords, long partitionBytes, int recordsPerSecond) {
    private static final int MAX_POLL_RECORDS = 2000;
    private static final int POLLS_PER_BOUND = 4;
    private static final int POLLS_PER_PARTITION = 2;
    private static final int POLLS_PER_SECOND = 20;

    /** Most records of a poll: so few that the bounds hold several, and that a rate is even. */
    int pollRecords() {
      int most = Math.min(MAX_POLL_RECORDS, records / POLLS_PER_BOUND);
      if (partitionRecords > 0) {
        most = Math.min(most, partitionRecords / POLLS_PER_PARTITION);
      }
      if (recordsPerSecond > 0) {
        most = Math.min(most, recordsPerSecond / POLLS_PER_SECOND);
      }
      return Math.max(1, most);
    }
  }

  public record GuardConfig(
      GuardChoice store,
      Duration window,
      List<String> eventId,
      OnMissingId onMissingId,
      Duration timeout,
      OnGuardFailure onFailure,
      OnIncompleteRebuild onIncompleteRebuild) {}

  /**
   * @param on class names of the exceptions that are retried; empty: all are
   * @param never class names of exceptions that are not retried, whatever {@code on} has
   */
  public record Retry(
      int attempts,
      Duration backoff,
      Duration maxBackoff,
      List<String> on,
      List<String> never,
      OnExhausted onExhausted,
      List<RetryTopic> topics) {

    public Retry(int attempts, Duration backoff, Duration maxBackoff) {
      this(attempts, backoff, maxBackoff, List.of(), List.of(), OnExhausted.DEAD_LETTER, List.of());
    }
  }

  /** Classes of (de)serializers, empty: the default codec; and further rules of decoding. */
  public record Codecs(
      String keyDeserializer,
      String valueDeserializer,
      String keySerializer,
      String valueSerializer,
      JsonChoice json,
      Duration registryTimeout,
      List<String> registryAwayOn,
      TombstoneChoice tombstones) {}

  /**
   * Thresholds of the alerts: lags of all partitions together and of one, and what this instance
   * counts in ten minutes, or in an hour of rebalances.
   */
  public record Alerts(
      int warningRecords,
      Duration warningTime,
      int criticalRecords,
      Duration criticalTime,
      int partitionWarningRecords,
      int partitionCriticalRecords,
      int deadLetters,
      int aborts,
      int rebalances,
      Duration remindAfter) {}

  /** How missing topics are created. With 0 partitions they are not. */
  public record Topics(int partitions, int replication) {}

  /**
   * Reads the keys below {@code pipelines.<name>}.
   *
   * @param raw flat keys ({@code guard.window}) and their text
   * @param defaultInstanceId the instance id where {@code instance-id} is not set
   * @throws ConfigurationException naming the key, the value and the remedy
   */
  public static PipelineConfig parse(
      String name, Map<String, String> raw, String defaultInstanceId) {
    UnknownKeys.refuse(name, raw.keySet());
    String group = orElse(GROUP.read(name, raw), name);
    PipelineConfig config =
        new PipelineConfig(
            name,
            SOURCE.read(name, raw),
            SINKS.read(name, raw),
            group,
            orElse(INSTANCE_ID.read(name, raw), defaultInstanceId),
            WORKERS.read(name, raw),
            ORDERING.read(name, raw),
            CONCURRENCY.read(name, raw),
            DELIVERY.read(name, raw),
            GROUP_PROTOCOL.read(name, raw),
            MEMBERSHIP.read(name, raw),
            new Commits(
                COMMIT_INTERVAL.read(name, raw),
                COMMIT_FLOOR.read(name, raw),
                COMMIT_RECORDS.read(name, raw),
                COMMIT_BYTES.read(name, raw),
                COMMIT_TARGET.read(name, raw),
                TRANSACTION_TIMEOUT.read(name, raw)),
            DRAIN_TIMEOUT.read(name, raw),
            STOP_TIMEOUT.read(name, raw),
            new HandlerLimits(HANDLER_TIMEOUT.read(name, raw), STALL_AFTER.read(name, raw)),
            new Restarts(
                RESTART_FAILURES.read(name, raw),
                RESTART_WINDOW.read(name, raw),
                RESTART_BACKOFF.read(name, raw),
                RESTART_MAX_BACKOFF.read(name, raw)),
            START_CHECKS.read(name, raw),
            new Bounds(
                IN_FLIGHT_RECORDS.read(name, raw),
                IN_FLIGHT_BYTES.read(name, raw),
                PARTITION_IN_FLIGHT_RECORDS.read(name, raw),
                PARTITION_IN_FLIGHT_BYTES.read(name, raw),
                RATE_LIMIT.read(name, raw)),
            new GuardConfig(
                GUARD.read(name, raw),
                GUARD_WINDOW.read(name, raw),
                GUARD_EVENT_ID.read(name, raw),
                GUARD_ON_MISSING_ID.read(name, raw),
                GUARD_TIMEOUT.read(name, raw),
                GUARD_ON_FAILURE.read(name, raw),
                GUARD_ON_INCOMPLETE_REBUILD.read(name, raw)),
            RetrySettings.read(name, raw, group),
            EFFECTS_TIMEOUT.read(name, raw),
            LAG_CHECK_EVERY.read(name, raw),
            AlertSettings.read(name, raw),
            ScalingConfig.read(name, raw),
            CLIENT_METRICS.read(name, raw),
            new OutputHeaderNames(
                HEADER_EVENT_ID.read(name, raw), HEADER_SOURCE_POSITION.read(name, raw)),
            orElse(DEAD_LETTERS.read(name, raw), group + ".dead-letters"),
            orElse(RECEIPTS.read(name, raw), group + ".receipts"),
            CodecSettings.read(name, raw),
            new Topics(CREATE_PARTITIONS.read(name, raw), CREATE_REPLICATION.read(name, raw)),
            below(CONSUMER_OVERRIDES, raw),
            below(PRODUCER_OVERRIDES, raw));
    ConfigRules.check(config);
    return config;
  }

  /** The topics that workers read: those of the source, and the retry topics. */
  public List<String> subscribed() {
    return Stream.concat(source.stream(), retry.topics().stream().map(RetryTopic::name)).toList();
  }

  /** Most records that one poll returns. */
  public int pollRecords() {
    String override = consumerOverrides.get("max.poll.records");
    return override == null ? bounds.pollRecords() : Integer.parseInt(override.trim());
  }

  /** The whole key of a setting: {@code pipelines.<name>.<setting>}. */
  public String key(String setting) {
    return PREFIX + name + "." + setting;
  }

  /** Throws a {@link ConfigurationException} about the setting where {@code wrong}. */
  void refuse(boolean wrong, String setting, Object value, String remedy) {
    if (wrong) {
      throw new ConfigurationException(key(setting), value, remedy);
    }
  }

  /** Client id of a worker; with static membership also its {@code group.instance.id}. */
  public String workerId(int worker) {
    return name + "-" + instanceId + "-" + worker;
  }

  /** Beginning of its workers' transactional ids; no other pipeline's: a name has no dot. */
  public String transactionalPrefix() {
    return name + ".";
  }

  /**
   * @param side {@code a} or {@code b}: a worker's two producers take turns. The id is stable over
   *     restarts, so that a successor fences the worker: see KIP-98
   */
  public String transactionalId(int worker, String side) {
    return transactionalPrefix() + instanceId + "-" + worker + "-" + side;
  }

  private static String orElse(String text, String otherwise) {
    return text.isEmpty() ? otherwise : text;
  }

  private static Map<String, String> below(String prefix, Map<String, String> raw) {
    return raw.entrySet().stream()
        .filter(entry -> entry.getKey().startsWith(prefix))
        .collect(
            Collectors.toUnmodifiableMap(
                entry -> entry.getKey().substring(prefix.length()), Map.Entry::getValue));
  }
}
