package io.exactlyonce.config;

import static java.util.Objects.requireNonNull;

import io.exactlyonce.config.value.GuardChoice;
import io.exactlyonce.config.value.OutputHeaderNames;
import io.exactlyonce.config.value.Units;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Checks of settings against each other, and of what a single parser cannot check. */
final class ConfigRules {
  private ConfigRules() {}

  static void check(PipelineConfig config) {
    config.refuse(config.source().isEmpty(), "source", "(empty)", "name at least one topic");
    for (String topic : config.source()) {
      String remedy =
          "is both read and written, so every output would be an input again; use another topic";
      config.refuse(config.sinks().contains(topic), "sinks", topic, remedy);
      config.refuse(config.deadLetters().equals(topic), "dead-letters", topic, remedy);
      config.refuse(config.receipts().equals(topic), "receipts", topic, remedy);
    }
    PipelineConfig.Commits commits = config.commits();
    config.refuse(
        commits.floor().compareTo(commits.interval()) > 0,
        "commit-floor",
        Units.text(commits.floor()),
        "must not be above commit-interval (" + Units.text(commits.interval()) + ")");
    config.refuse(
        commits.interval().multipliedBy(2).compareTo(commits.transactionTimeout()) > 0,
        "transaction-timeout",
        Units.text(commits.transactionTimeout()),
        "must be at least twice commit-interval (" + Units.text(commits.interval()) + ")");
    config.refuse(
        config.drainTimeout().compareTo(commits.transactionTimeout()) >= 0,
        "drain-timeout",
        Units.text(config.drainTimeout()),
        "must be below transaction-timeout (" + Units.text(commits.transactionTimeout()) + ")");
    config.refuse(
        commits.transactionTimeout().toMillis() > Integer.MAX_VALUE,
        "transaction-timeout",
        Units.text(commits.transactionTimeout()),
        "must be at most " + Integer.MAX_VALUE + "ms; some seconds are enough");
    checkFlow(config);
    config.refuse(
        config.guard().eventId().isEmpty() && config.guard().store() != GuardChoice.OFF,
        "guard.event-id",
        "(empty)",
        "every record would be without an event id; write e.g. header:event-id");
    checkAlerts(config.alerts(), config);
    checkPartitionAlerts(config.alerts(), config);
    config.scaling().check(config);
    checkHeaders(config);
    checkOwnTopics(config);
    RetryRules.check(config);
    config.guard().eventId().forEach(place -> checkEventIdPlace(config, place));
    refusePinned(config, PipelineSettings.CONSUMER_OVERRIDES, config.consumerOverrides());
    refusePinned(config, PipelineSettings.PRODUCER_OVERRIDES, config.producerOverrides());
  }

  private static void checkFlow(PipelineConfig config) {
    PipelineConfig.Bounds bounds = config.bounds();
    config.refuse(
        bounds.partitionRecords() > bounds.records(),
        "in-flight-records-per-partition",
        bounds.partitionRecords(),
        "must not be above in-flight-records (" + bounds.records() + ")");
    config.refuse(
        bounds.partitionBytes() > bounds.bytes(),
        "in-flight-bytes-per-partition",
        bounds.partitionBytes(),
        "must not be above in-flight-bytes (" + bounds.bytes() + ")");
    PipelineConfig.Commits commits = config.commits();
    config.refuse(
        commits.target().multipliedBy(2).compareTo(commits.transactionTimeout()) > 0,
        "commit-target",
        Units.text(commits.target()),
        "must be at most half of transaction-timeout ("
            + Units.text(commits.transactionTimeout())
            + ")");
    String poll = config.consumerOverrides().getOrDefault("max.poll.records", "1").trim();
    config.refuse(
        !poll.matches("[1-9]\\d{0,8}"),
        "consumer.max.poll.records",
        poll,
        "is not a number above 0; leave it out, it comes from in-flight-records");
  }

  private static void checkAlerts(PipelineConfig.Alerts alerts, PipelineConfig config) {
    config.refuse(
        alerts.warningRecords() >= alerts.criticalRecords(),
        "alerts.lag.warning-records",
        alerts.warningRecords(),
        "must be below alerts.lag.critical-records (" + alerts.criticalRecords() + ")");
    config.refuse(
        alerts.warningTime().compareTo(alerts.criticalTime()) >= 0,
        "alerts.lag.warning-time",
        Units.text(alerts.warningTime()),
        "must be below alerts.lag.critical-time (" + Units.text(alerts.criticalTime()) + ")");
  }

  private static void checkPartitionAlerts(PipelineConfig.Alerts alerts, PipelineConfig config) {
    config.refuse(
        alerts.partitionWarningRecords() >= alerts.partitionCriticalRecords(),
        "alerts.lag.partition-warning-records",
        alerts.partitionWarningRecords(),
        "must be below alerts.lag.partition-critical-records ("
            + alerts.partitionCriticalRecords()
            + "); where one is left out it is that of all partitions together");
  }

  private static void checkHeaders(PipelineConfig config) {
    OutputHeaderNames names = config.headers();
    String remedy = "name a header, or write off";
    config.refuse(names.eventId().isEmpty(), "headers.event-id", "(empty)", remedy);
    config.refuse(names.sourcePosition().isEmpty(), "headers.source-position", "(empty)", remedy);
    config.refuse(
        names.hasEventId() && names.eventId().equals(names.sourcePosition()),
        "headers.source-position",
        names.sourcePosition(),
        "is the name of headers.event-id too; use another");
  }

  /**
   * Refuses shared topics: only its topic shows whether a record is an output, a dead letter or a
   * receipt.
   */
  private static void checkOwnTopics(PipelineConfig config) {
    config.refuse(
        config.sinks().contains(config.deadLetters()),
        "dead-letters",
        config.deadLetters(),
        "is a sink too; use another topic");
    config.refuse(
        config.sinks().contains(config.receipts())
            || config.receipts().equals(config.deadLetters()),
        "receipts",
        config.receipts(),
        "takes other records too; use another topic");
  }

  private static void checkEventIdPlace(PipelineConfig config, String place) {
    boolean known =
        place.equals("key")
            || place.equals("cloudevent")
            || (place.startsWith("header:") && place.length() > "header:".length())
            || (place.startsWith("field:") && place.length() > "field:".length())
            || (place.startsWith("class:") && place.length() > "class:".length());
    config.refuse(
        !known,
        "guard.event-id",
        place,
        "write cloudevent, header:NAME, field:NAME, key or class:NAME");
  }

  private static void refusePinned(
      PipelineConfig config, String prefix, Map<String, String> overrides) {
    Map<String, String> reasons =
        prefix.equals(PipelineSettings.CONSUMER_OVERRIDES)
            ? PinnedSettings.CONSUMER
            : PinnedSettings.PRODUCER;
    Set<String> refused = overrides.keySet();
    for (String key : List.copyOf(refused)) {
      config.refuse(
          reasons.containsKey(key),
          prefix + key,
          requireNonNull(overrides.get(key)),
          "cannot be set, " + reasons.get(key) + "; remove it");
    }
  }
}
