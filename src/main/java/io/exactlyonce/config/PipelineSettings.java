package io.exactlyonce.config;

import static io.exactlyonce.config.FlowSettings.*;

import java.time.Duration;
import java.util.List;

/** Every key below {@code pipelines.<name>}, in the order of the manual's table. */
public final class PipelineSettings {
  private static final Duration NONE = Duration.ZERO;
  private static final Duration MILLI = Duration.ofMillis(1);
  private static final Duration SECOND = Duration.ofSeconds(1);

  static final Setting<List<String>> SOURCE =
      Setting.names("source", null, "topics", "The topics to read.");
  static final Setting<List<String>> SINKS =
      Setting.names("sinks", "", "topics", "The topics that handlers may write to.");
  static final Setting<String> GROUP =
      Setting.text("group", "", "name", "The consumer group; the pipeline's name where left out.");
  static final Setting<String> INSTANCE_ID =
      Setting.text(
          "instance-id",
          "",
          "name",
          "Stable name of this instance, unique in the group: the transactional ids come from it."
              + " Left out: PIPELINE_INSTANCE_ID, then what PIPELINE_INSTANCE_ID_FROM=dns finds, then"
              + " HOSTNAME, then the machine's name.");
  static final Setting<Integer> WORKERS =
      Setting.count("workers", "1", 1, 256, "Workers in this instance; each has its own consumer.");
  static final Setting<Ordering> ORDERING =
      Setting.choice(
          "ordering", Ordering.PARTITION, Ordering.class, "Which records are handled in order.");
  static final Setting<Integer> CONCURRENCY =
      Setting.count("concurrency", "1", 1, 10_000, "Handlers that run at once, per worker.");
  static final Setting<Delivery> DELIVERY =
      Setting.choice("delivery", Delivery.EXACTLY_ONCE, Delivery.class, "What a crash may cost.");
  static final Setting<GroupProtocolChoice> GROUP_PROTOCOL =
      Setting.choice(
          "group-protocol",
          GroupProtocolChoice.CLASSIC,
          GroupProtocolChoice.class,
          "How the group shares out its partitions.");
  static final Setting<Membership> MEMBERSHIP =
      Setting.choice(
          "membership",
          // A place that is kept for a process that may not come back keeps its partitions waiting
          // for the session timeout, and nothing here is dear to move: a track holds no state.
          Membership.DYNAMIC,
          Membership.class,
          "static: a restart within the session timeout moves no partition; needs an instance-id"
              + " that is set. dynamic: an instance that stops hands over at once.");
  static final Setting<Duration> TRANSACTION_TIMEOUT =
      Setting.duration(
          "transaction-timeout",
          "30s",
          SECOND,
          "The broker aborts a transaction left open so long; it holds back readers until then."
              + " At most the broker's transaction.max.timeout.ms.");
  static final Setting<Duration> DRAIN_TIMEOUT =
      Setting.duration(
          "drain-timeout",
          "10s",
          MILLI,
          "How long running handlers may finish when a partition is revoked; then their work is"
              + " aborted. Less than transaction-timeout.");
  static final Setting<Duration> STOP_TIMEOUT =
      Setting.duration("stop-timeout", "20s", MILLI, "How long a clean stop may take.");
  static final Setting<Duration> HANDLER_TIMEOUT =
      Setting.duration(
          "handler-timeout",
          "0s",
          NONE,
          "A handler at one record for longer is interrupted, and that counts as if it had thrown;"
              + " 0s: no limit.");
  static final Setting<Duration> STALL_AFTER =
      Setting.duration(
          "stall-after",
          "1m",
          MILLI,
          "A partition whose next record has come no further for so long is reported, by log and"
              + " readiness.");
  static final Setting<Integer> RESTART_FAILURES =
      Setting.count(
          "restart.failures",
          "5",
          1,
          1000,
          "Failures of a worker within restart.window before it stays down.");
  static final Setting<Duration> RESTART_WINDOW =
      Setting.duration("restart.window", "5m", MILLI, "Older failures of a worker are forgiven.");
  static final Setting<Duration> RESTART_BACKOFF =
      Setting.duration(
          "restart.backoff",
          "1s",
          NONE,
          "Wait before a failed worker is started again; doubles at each further failure.");
  static final Setting<Duration> RESTART_MAX_BACKOFF =
      Setting.duration("restart.max-backoff", "32s", NONE, "The longest such wait.");
  static final Setting<StartChecksChoice> START_CHECKS =
      Setting.choice(
          "start-checks",
          StartChecksChoice.WARN,
          StartChecksChoice.class,
          "Whether a cluster that only just fits is warned of, or the start refused.");
  static final Setting<GuardChoice> GUARD =
      Setting.choice(
          "guard.store", GuardChoice.REDIS, GuardChoice.class, "Whether duplicates are dropped.");
  static final Setting<Duration> GUARD_WINDOW =
      Setting.duration(
          "guard.window", "24h", SECOND, "A duplicate is recognised for at least so long.");
  static final Setting<List<String>> GUARD_EVENT_ID =
      Setting.names(
          "guard.event-id",
          "header:event-id, header:ce_id",
          "header:NAME, field:NAME, key or class:NAME",
          "Where the event id is looked for; the first that is there counts.");
  static final Setting<OnMissingId> GUARD_ON_MISSING_ID =
      Setting.choice(
          "guard.on-missing-id",
          OnMissingId.DEAD_LETTER,
          OnMissingId.class,
          "What becomes of a record without an event id.");
  static final Setting<Duration> GUARD_TIMEOUT =
      Setting.duration(
          "guard.timeout", "2s", MILLI, "A claim call without an answer for so long is repeated.");
  static final Setting<OnGuardFailure> GUARD_ON_FAILURE =
      Setting.choice(
          "guard.on-failure",
          OnGuardFailure.WAIT,
          OnGuardFailure.class,
          "Redis fails: handle nothing until claims succeed, or go on without the guard.");
  static final Setting<Integer> RETRY_ATTEMPTS =
      Setting.count(
          "retry.attempts",
          "3",
          1,
          1000,
          "Calls of the handler for a record that makes it throw, before it goes to the first of"
              + " retry.topics or by retry.on-exhausted.");
  static final Setting<Duration> RETRY_BACKOFF =
      Setting.duration(
          "retry.backoff", "100ms", NONE, "Wait before the second call; doubles at each further.");
  static final Setting<Duration> RETRY_MAX_BACKOFF =
      Setting.duration("retry.max-backoff", "10s", NONE, "The longest such wait.");
  static final Setting<List<String>> RETRY_ON =
      Setting.names(
          "retry.on",
          "",
          "classes",
          "Exceptions, subclasses included, that are worth another attempt; all where left out."
              + " Any other goes straight to the dead letters.");
  static final Setting<List<String>> RETRY_NEVER =
      Setting.names(
          "retry.never",
          "",
          "classes",
          "Exceptions, subclasses included, that go straight to the dead letters, whatever retry.on"
              + " says.");
  static final Setting<OnExhausted> RETRY_ON_EXHAUSTED =
      Setting.choice(
          "retry.on-exhausted",
          OnExhausted.DEAD_LETTER,
          OnExhausted.class,
          "What becomes of a record whose attempts are used up.");
  static final Setting<List<Duration>> RETRY_TOPICS =
      Setting.durations(
          "retry.topics",
          "",
          Duration.ofMillis(100),
          "Delays: a record whose attempts are used up waits so long in the topic"
              + " <group>.retry.<delay>, holds nothing back, and is tried again; then in the next."
              + " Needs ordering none. Take one out only when its topic is drained.");
  static final Setting<Duration> EFFECTS_TIMEOUT =
      Setting.duration("effects.timeout", "10s", MILLI, "Time limit of a call in effects.once.");
  static final Setting<String> HEADER_EVENT_ID =
      Setting.text(
          "headers.event-id", "event-id", "name", "Header with an output's event id; off: none.");
  static final Setting<String> HEADER_SOURCE_POSITION =
      Setting.text(
          "headers.source-position",
          "source-position",
          "name",
          "Header with the position that an output comes from; off: none.");
  static final Setting<String> DEAD_LETTERS =
      Setting.text(
          "dead-letters", "", "topic", "Dead letters; <group>.dead-letters where left out.");
  static final Setting<String> RECEIPTS =
      Setting.text("receipts", "", "topic", "Receipts; <group>.receipts where left out.");
  static final Setting<String> KEY_DESERIALIZER =
      className(
          "key-deserializer", "A Kafka Deserializer for the key; JSON or text where left out.");
  static final Setting<String> VALUE_DESERIALIZER =
      className("value-deserializer", "A Kafka Deserializer for the value; JSON where left out.");
  static final Setting<String> VALUE_SERIALIZER =
      className(
          "value-serializer",
          "A Kafka Serializer for outputs that are neither bytes nor text; JSON where left out.");
  static final Setting<Integer> CREATE_PARTITIONS =
      Setting.count(
          "topics.partitions",
          "12",
          0,
          100_000,
          "Missing topics are created with so many partitions; 0: none is created.");
  static final Setting<Integer> CREATE_REPLICATION =
      Setting.count(
          "topics.replication",
          "-1",
          -1,
          100,
          "Replication of the topics that are created; -1: the broker's default.");

  /** Keys below these go to the Kafka client as they are, unless the guarantee pins them. */
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
          RETRY_ATTEMPTS,
          RETRY_BACKOFF,
          RETRY_MAX_BACKOFF,
          RETRY_ON,
          RETRY_NEVER,
          RETRY_ON_EXHAUSTED,
          RETRY_TOPICS,
          EFFECTS_TIMEOUT,
          HEADER_EVENT_ID,
          HEADER_SOURCE_POSITION,
          DEAD_LETTERS,
          RECEIPTS,
          KEY_DESERIALIZER,
          VALUE_DESERIALIZER,
          VALUE_SERIALIZER,
          CREATE_PARTITIONS,
          CREATE_REPLICATION);

  private PipelineSettings() {}

  private static Setting<String> className(String key, String meaning) {
    return Setting.text(key, "", "class", meaning);
  }
}
