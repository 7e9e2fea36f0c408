package io.exactlyonce.config;

import static io.exactlyonce.config.CodecSettings.*;
import static io.exactlyonce.config.FlowSettings.*;
import static io.exactlyonce.config.GuardSettings.*;
import static io.exactlyonce.config.RetrySettings.*;

import io.exactlyonce.config.value.Delivery;
import io.exactlyonce.config.value.GroupProtocolChoice;
import io.exactlyonce.config.value.Membership;
import io.exactlyonce.config.value.Ordering;
import io.exactlyonce.config.value.StartChecksChoice;
import java.time.Duration;
import java.util.List;

/** Every key below {@code pipelines.<name>}, in the order of the manual's table. */
public final class PipelineSettings {
  private static final Duration NONE = Duration.ZERO;
  private static final Duration MILLI = Duration.ofMillis(1);
  private static final Duration SECOND = Duration.ofSeconds(1);

  static final Setting<List<String>> SOURCE =
      Setting.names("source", null, "topics", "Topics that the pipeline reads.");
  static final Setting<List<String>> SINKS =
      Setting.names(
          "sinks",
          "",
          "topics",
          "Topics that the handler may write to. An output to any other topic makes its"
              + " record a dead letter.");
  static final Setting<String> GROUP =
      Setting.text("group", "", "name", "Consumer group. Left out: the pipeline's name.");
  static final Setting<String> INSTANCE_ID =
      Setting.text(
          "instance-id",
          "",
          "name",
          "Stable name of this instance, unique in the group. The transactional ids are"
              + " made from it. Left out: PIPELINE_INSTANCE_ID, else the name that"
              + " PIPELINE_INSTANCE_ID_FROM=dns finds, else HOSTNAME, else the machine's name.");
  static final Setting<Integer> WORKERS =
      Setting.count(
          "workers",
          "1",
          1,
          256,
          "Workers in this instance. Each has a thread, a consumer and producers of its" + " own.");
  static final Setting<Ordering> ORDERING =
      Setting.choice(
          "ordering",
          Ordering.PARTITION,
          Ordering.class,
          "Which records are handled one after the other. partition: all of a"
              + " partition. key: those of a partition with the same key. none: no order.");
  static final Setting<Integer> CONCURRENCY =
      Setting.count(
          "concurrency", "1", 1, 10_000, "Handler calls that run at the same time, per worker.");
  static final Setting<Delivery> DELIVERY =
      Setting.choice(
          "delivery",
          Delivery.EXACTLY_ONCE,
          Delivery.class,
          "What a crash may cause. exactly-once: neither loss nor repetition."
              + " at-least-once: records handled and written again. at-most-once: records"
              + " lost.");
  static final Setting<GroupProtocolChoice> GROUP_PROTOCOL =
      Setting.choice(
          "group-protocol",
          GroupProtocolChoice.CLASSIC,
          GroupProtocolChoice.class,
          "Kafka's protocol by which the group assigns its partitions. consumer: the"
              + " one of KIP-848.");
  static final Setting<Membership> MEMBERSHIP =
      Setting.choice(
          "membership",
          // Static membership keeps a stopped member's partitions waiting for the session timeout,
          // and the member may not come back. It saves moving partitions, which is cheap here: no
          // state moves along.
          Membership.DYNAMIC,
          Membership.class,
          "static: a restart within the session timeout moves no partition; needs an"
              + " instance-id that is set. dynamic: an instance that stops hands its"
              + " partitions over at once.");
  static final Setting<Duration> TRANSACTION_TIMEOUT =
      Setting.duration(
          "transaction-timeout",
          "30s",
          SECOND,
          "Time after which the broker aborts a transaction that was left open. Until"
              + " then it holds back every read_committed reader. At most the broker's"
              + " transaction.max.timeout.ms.");
  static final Setting<Duration> DRAIN_TIMEOUT =
      Setting.duration(
          "drain-timeout",
          "10s",
          MILLI,
          "Time that running handlers have to finish when partitions are revoked. After"
              + " it their work is aborted and done again by the next owner. Less than"
              + " transaction-timeout.");
  static final Setting<Duration> STOP_TIMEOUT =
      Setting.duration(
          "stop-timeout",
          "20s",
          MILLI,
          "Time that a clean stop may take. After it the process ends without waiting"
              + " any longer.");
  static final Setting<Duration> HANDLER_TIMEOUT =
      Setting.duration(
          "handler-timeout",
          "0s",
          NONE,
          "Time limit of a handler's work on one record. After it the handler is"
              + " interrupted, which counts as a failed attempt. 0s: no limit.");
  static final Setting<Duration> STALL_AFTER =
      Setting.duration(
          "stall-after",
          "1m",
          MILLI,
          "A partition whose next record has made no progress for this long is reported"
              + " in the log and by readiness.");
  static final Setting<Integer> RESTART_FAILURES =
      Setting.count(
          "restart.failures",
          "5",
          1,
          1000,
          "Failures of a worker within restart.window after which it stays down.");
  static final Setting<Duration> RESTART_WINDOW =
      Setting.duration(
          "restart.window", "5m", MILLI, "Period in which the failures of a worker are counted.");
  static final Setting<Duration> RESTART_BACKOFF =
      Setting.duration(
          "restart.backoff",
          "1s",
          NONE,
          "Wait before a failed worker is started again. Doubles with each further" + " failure.");
  static final Setting<Duration> RESTART_MAX_BACKOFF =
      Setting.duration("restart.max-backoff", "32s", NONE, "Upper limit of restart.backoff.");
  static final Setting<StartChecksChoice> START_CHECKS =
      Setting.choice(
          "start-checks",
          StartChecksChoice.WARN,
          StartChecksChoice.class,
          "What happens when a start check finds the cluster or a topic doubtful. warn:"
              + " a line in the log. strict: the start is refused.");
  static final Setting<Duration> EFFECTS_TIMEOUT =
      Setting.duration(
          "effects.timeout", "10s", MILLI, "Time limit of one call inside effects.once.");
  static final Setting<Duration> LAG_CHECK_EVERY =
      Setting.duration(
          "lag.check-every",
          "30s",
          SECOND,
          "Time between two checks of the pipeline's lag. One monitor checks all pipelines of the"
              + " process; where they differ, the shortest time counts for all.");
  static final Setting<ClientMetricsChoice> CLIENT_METRICS =
      Setting.choice(
          "metrics.kafka-clients",
          ClientMetricsChoice.ESSENTIAL,
          ClientMetricsChoice.class,
          "Metrics of the workers' own Kafka consumers and producers that are exported."
              + " essential: those of the manual's table. all: whatever a client has of itself,"
              + " some hundred series each. Those by topic, partition or broker never are.");
  static final Setting<String> HEADER_EVENT_ID =
      Setting.text(
          "headers.event-id",
          "event-id",
          "name",
          "Name of the output header that holds the event id. off: no such header.");
  static final Setting<String> HEADER_SOURCE_POSITION =
      Setting.text(
          "headers.source-position",
          "source-position",
          "name",
          "Name of the output header that holds the source position. off: no such"
              + " header, and the audit cannot judge outputs one by one.");
  static final Setting<String> DEAD_LETTERS =
      Setting.text(
          "dead-letters",
          "",
          "topic",
          "Topic of the dead letters. Left out: <group>.dead-letters.");
  static final Setting<String> RECEIPTS =
      Setting.text("receipts", "", "topic", "Topic of the receipts. Left out: <group>.receipts.");
  static final Setting<Integer> CREATE_PARTITIONS =
      Setting.count(
          "topics.partitions",
          "12",
          0,
          100_000,
          "Partitions of a topic that the pipeline creates because it is missing. 0: no"
              + " topic is created.");
  static final Setting<Integer> CREATE_REPLICATION =
      Setting.count(
          "topics.replication",
          "-1",
          -1,
          100,
          "Replication factor of a topic that the pipeline creates. -1: the broker's default.");

  /** Prefixes of keys that go to the Kafka client as they are; pinned ones are refused. */
  static final String CONSUMER_OVERRIDES = "consumer.";

  static final String PRODUCER_OVERRIDES = "producer.";

  public static final List<Setting<?>> ALL =
      List.of(
          SOURCE,
          SINKS,
          GROUP,
          INSTANCE_ID,
          WORKERS,
          ORDERING,
          CONCURRENCY,
          DELIVERY,
          GROUP_PROTOCOL,
          MEMBERSHIP,
          COMMIT_INTERVAL,
          COMMIT_FLOOR,
          COMMIT_RECORDS,
          COMMIT_BYTES,
          COMMIT_TARGET,
          TRANSACTION_TIMEOUT,
          DRAIN_TIMEOUT,
          STOP_TIMEOUT,
          HANDLER_TIMEOUT,
          STALL_AFTER,
          RESTART_FAILURES,
          RESTART_WINDOW,
          RESTART_BACKOFF,
          RESTART_MAX_BACKOFF,
          START_CHECKS,
          IN_FLIGHT_RECORDS,
          IN_FLIGHT_BYTES,
          PARTITION_IN_FLIGHT_RECORDS,
          PARTITION_IN_FLIGHT_BYTES,
          RATE_LIMIT,
          GUARD,
          GUARD_WINDOW,
          GUARD_EVENT_ID,
          GUARD_ON_MISSING_ID,
          GUARD_TIMEOUT,
          GUARD_ON_FAILURE,
          GUARD_ON_INCOMPLETE_REBUILD,
          RETRY_ATTEMPTS,
          RETRY_BACKOFF,
          RETRY_MAX_BACKOFF,
          RETRY_ON,
          RETRY_NEVER,
          RETRY_ON_EXHAUSTED,
          RETRY_TOPICS,
          EFFECTS_TIMEOUT,
          LAG_CHECK_EVERY,
          AlertSettings.WARNING_RECORDS,
          AlertSettings.WARNING_TIME,
          AlertSettings.CRITICAL_RECORDS,
          AlertSettings.CRITICAL_TIME,
          AlertSettings.PARTITION_WARNING_RECORDS,
          AlertSettings.PARTITION_CRITICAL_RECORDS,
          AlertSettings.DEAD_LETTERS,
          AlertSettings.ABORTS,
          AlertSettings.REBALANCES,
          AlertSettings.REMIND_AFTER,
          ScalingConfig.MODE,
          ScalingConfig.MIN_WORKERS,
          ScalingConfig.MAX_WORKERS,
          ScalingConfig.RAISED_CONCURRENCY,
          CLIENT_METRICS,
          HEADER_EVENT_ID,
          HEADER_SOURCE_POSITION,
          DEAD_LETTERS,
          RECEIPTS,
          KEY_DESERIALIZER,
          VALUE_DESERIALIZER,
          KEY_SERIALIZER,
          VALUE_SERIALIZER,
          JSON,
          TOMBSTONES,
          REGISTRY_TIMEOUT,
          REGISTRY_AWAY_ON,
          CREATE_PARTITIONS,
          CREATE_REPLICATION);

  private PipelineSettings() {}
}
