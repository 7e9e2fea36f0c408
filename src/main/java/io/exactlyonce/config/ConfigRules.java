package io.exactlyonce.config;

import io.exactlyonce.config.value.GuardChoice;
import io.exactlyonce.config.value.OutputHeaderNames;
import io.exactlyonce.config.value.Units;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What must hold between settings. */
final class ConfigRules {
  private ConfigRules() {}

  static void check(PipelineConfig config) {
    refuse(config.source().isEmpty(), config, "source", "(empty)", "name at least one topic");
    for (String topic : config.source()) {
      String remedy =
          "is both read and written, so every output would be an input again; use another topic";
      refuse(config.sinks().contains(topic), config, "sinks", topic, remedy);
      refuse(config.deadLetters().equals(topic), config, "dead-letters", topic, remedy);
      refuse(config.receipts().equals(topic), config, "receipts", topic, remedy);
    }
    PipelineConfig.Commits commits = config.commits();
    refuse(
        commits.floor().compareTo(commits.interval()) > 0,
        config,
        "commit-floor",
        Units.text(commits.floor()),
        "must not be above commit-interval (" + Units.text(commits.interval()) + ")");
    refuse(
        commits.interval().multipliedBy(2).compareTo(commits.transactionTimeout()) > 0,
        config,
        "transaction-timeout",
        Units.text(commits.transactionTimeout()),
        "must be at least twice commit-interval (" + Units.text(commits.interval()) + ")");
    refuse(
        config.drainTimeout().compareTo(commits.transactionTimeout()) >= 0,
        config,
        "drain-timeout",
        Units.text(config.drainTimeout()),
        "must be below transaction-timeout (" + Units.text(commits.transactionTimeout()) + ")");
    refuse(
        commits.transactionTimeout().toMillis() > Integer.MAX_VALUE,
        config,
        "transaction-timeout",
        Units.text(commits.transactionTimeout()),
        "is more than Kafka can count; some seconds are enough");
    checkFlow(config);
    refuse(
        config.guard().eventId().isEmpty() && config.guard().store() != GuardChoice.OFF,
        config,
        "guard.event-id",
        "(empty)",
        "every record would be without an event id; write e.g. header:event-id");
    checkAlerts(config.alerts(), config);
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
    refuse(
        bounds.partitionRecords() > bounds.records(),
        config,
        "in-flight-records-per-partition",
        bounds.partitionRecords(),
        "must not be above in-flight-records (" + bounds.records() + ")");
    refuse(
        bounds.partitionBytes() > bounds.bytes(),
        config,
        "in-flight-bytes-per-partition",
        bounds.partitionBytes(),
        "must not be above in-flight-bytes (" + bounds.bytes() + ")");
    PipelineConfig.Commits commits = config.commits();
    refuse(
        commits.target().multipliedBy(2).compareTo(commits.transactionTimeout()) > 0,
        config,
        "commit-target",
        Units.text(commits.target()),
        "must be at most half of transaction-timeout ("
            + Units.text(commits.transactionTimeout())
            + ")");
    String poll = config.consumerOverrides().getOrDefault("max.poll.records", "1").trim();
    refuse(
        !poll.matches("[1-9]\\d{0,8}"),
        config,
        "consumer.max.poll.records",
        poll,
        "is not a number above 0; leave it out, it comes from in-flight-records");
  }

  private static void checkAlerts(PipelineConfig.Alerts alerts, PipelineConfig config) {
    refuse(
        alerts.warningRecords() >= alerts.criticalRecords(),
        config,
        "alerts.lag.warning-records",
        alerts.warningRecords(),
        "must be below alerts.lag.critical-records (" + alerts.criticalRecords() + ")");
    refuse(
        alerts.warningTime().compareTo(alerts.criticalTime()) >= 0,
        config,
        "alerts.lag.warning-time",
        Units.text(alerts.warningTime()),
        "must be below alerts.lag.critical-time (" + Units.text(alerts.criticalTime()) + ")");
  }

  private static void checkHeaders(PipelineConfig config) {
    OutputHeaderNames names = config.headers();
    String remedy = "name a header, or write off";
    refuse(names.eventId().isEmpty(), config, "headers.event-id", "(empty)", remedy);
    refuse(names.sourcePosition().isEmpty(), config, "headers.source-position", "(empty)", remedy);
    refuse(
        names.hasEventId() && names.eventId().equals(names.sourcePosition()),
        config,
        "headers.source-position",
        names.sourcePosition(),
        "is the name of headers.event-id too; use another");
  }

  /** Dead letters and receipts are told from outputs by their topic. */
  private static void checkOwnTopics(PipelineConfig config) {
    refuse(
        config.sinks().contains(config.deadLetters()),
        config,
        "dead-letters",
        config.deadLetters(),
        "is a sink too; use another topic");
    refuse(
        config.sinks().contains(config.receipts())
            || config.receipts().equals(config.deadLetters()),
        config,
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
    refuse(
        !known,
        config,
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
      refuse(
          reasons.containsKey(key),
          config,
          prefix + key,
          overrides.get(key),
          "cannot be set, " + reasons.get(key) + "; remove it");
    }
  }

  static void refuse(
      boolean wrong, PipelineConfig config, String key, Object value, String remedy) {
    if (wrong) {
      throw new ConfigurationException(config.key(key), value, remedy);
    }
  }
}
