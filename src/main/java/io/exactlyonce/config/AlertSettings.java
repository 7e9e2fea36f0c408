package io.exactlyonce.config;

import java.time.Duration;
import java.util.Map;

/** The keys below {@code alerts}: the threshold of each alert, and when an alert is repeated. */
final class AlertSettings {
  private static final int MOST = 2_000_000_000;
  private static final Duration SECOND = Duration.ofSeconds(1);

  static final Setting<Integer> WARNING_RECORDS =
      Setting.count(
          "alerts.lag.warning-records",
          "50000",
          1,
          MOST,
          "Lag of all partitions together above which PipelineLag is raised.");
  static final Setting<Duration> WARNING_TIME =
      Setting.duration(
          "alerts.lag.warning-time",
          "60s",
          SECOND,
          "Lag in time of the partition furthest behind above which PipelineLag is raised.");
  static final Setting<Integer> CRITICAL_RECORDS =
      Setting.count(
          "alerts.lag.critical-records",
          "100000",
          1,
          MOST,
          "Lag of all partitions together above which PipelineLagCritical is raised. Must be above"
              + " alerts.lag.warning-records.");
  static final Setting<Duration> CRITICAL_TIME =
      Setting.duration(
          "alerts.lag.critical-time",
          "5m",
          SECOND,
          "Lag in time of the partition furthest behind above which PipelineLagCritical is raised."
              + " Must be above alerts.lag.warning-time.");
  static final Setting<Integer> PARTITION_WARNING_RECORDS =
      ofPartition(
          "alerts.lag.partition-warning-records",
          "Lag of one partition above which PipelineLag is raised, whatever the others have. Left"
              + " out: alerts.lag.warning-records. In time a lag is that of one partition anyway.");
  static final Setting<Integer> PARTITION_CRITICAL_RECORDS =
      ofPartition(
          "alerts.lag.partition-critical-records",
          "Likewise for PipelineLagCritical. Above alerts.lag.partition-warning-records. Left out:"
              + " alerts.lag.critical-records.");
  static final Setting<Integer> DEAD_LETTERS =
      Setting.count(
          "alerts.dead-letters",
          "0",
          0,
          MOST,
          "Dead letters of this instance in ten minutes above which PipelineDeadLetters is"
              + " raised.");
  static final Setting<Integer> ABORTS =
      Setting.count(
          "alerts.aborts",
          "20",
          0,
          MOST,
          "Aborted transactions of this instance in ten minutes above which PipelineAborts is"
              + " raised. One or two come with each rebalance.");
  static final Setting<Integer> REBALANCES =
      Setting.count(
          "alerts.rebalances",
          "60",
          0,
          MOST,
          "Rebalances of this instance's workers together in an hour above which"
              + " PipelineRebalances is raised. Each start of an instance causes one or two per"
              + " worker.");
  static final Setting<Duration> REMIND_AFTER =
      Setting.duration(
          "alerts.remind-after",
          "30m",
          SECOND,
          "Time after which an alert that persists is reported again.");

  private AlertSettings() {}

  /** A threshold that may be left out, which is 0 then. */
  private static Setting<Integer> ofPartition(String key, String meaning) {
    Setting<Integer> given = Setting.count(key, "10000", 1, MOST, meaning);
    return new Setting<>(
        key,
        "",
        given.unit(),
        meaning,
        text -> text.isEmpty() ? Integer.valueOf(0) : given.parser().apply(text));
  }

  private static int or(int given, int otherwise) {
    return given == 0 ? otherwise : given;
  }

  static PipelineConfig.Alerts read(String pipeline, Map<String, String> raw) {
    int warning = WARNING_RECORDS.read(pipeline, raw);
    int critical = CRITICAL_RECORDS.read(pipeline, raw);
    return new PipelineConfig.Alerts(
        warning,
        WARNING_TIME.read(pipeline, raw),
        critical,
        CRITICAL_TIME.read(pipeline, raw),
        or(PARTITION_WARNING_RECORDS.read(pipeline, raw), warning),
        or(PARTITION_CRITICAL_RECORDS.read(pipeline, raw), critical),
        DEAD_LETTERS.read(pipeline, raw),
        ABORTS.read(pipeline, raw),
        REBALANCES.read(pipeline, raw),
        REMIND_AFTER.read(pipeline, raw));
  }
}
