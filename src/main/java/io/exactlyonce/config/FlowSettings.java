package io.exactlyonce.config;

import java.time.Duration;

/** The keys that limit how much a pipeline takes at once: into a transaction, and into memory. */
final class FlowSettings {
  static final Setting<Duration> COMMIT_INTERVAL =
      Setting.duration(
          "commit-interval",
          "40ms",
          Duration.ofMillis(1),
          "Longest time that a transaction stays open before it commits.");
  static final Setting<Duration> COMMIT_FLOOR =
      Setting.duration(
          "commit-floor",
          "10ms",
          Duration.ZERO,
          "Shortest time between two commits. After it, a transaction commits as soon"
              + " as fewer records are waiting to join it than it already has.");
  static final Setting<Integer> COMMIT_RECORDS =
      Setting.count(
          "commit-records", "50000", 1, 10_000_000, "Records after which a transaction commits.");
  static final Setting<Long> COMMIT_BYTES =
      Setting.bytes(
          "commit-bytes", "64MB", 1024, "Bytes of outputs after which a transaction commits.");
  static final Setting<Duration> COMMIT_TARGET =
      Setting.duration(
          "commit-target",
          "100ms",
          Duration.ofMillis(1),
          "Longest time that writing a transaction's outputs may take at its commit."
              + " Where it takes longer, transactions are made smaller, down to 1000 records,"
              + " and larger again later.");
  static final Setting<Integer> IN_FLIGHT_RECORDS =
      Setting.count(
          "in-flight-records",
          "50000",
          1,
          10_000_000,
          "Records read and not yet written, per worker, at most. Near the limit"
              + " partitions are paused.");
  static final Setting<Long> IN_FLIGHT_BYTES =
      Setting.bytes(
          "in-flight-bytes",
          "64MB",
          1024,
          "Memory of the records read and not yet written, per worker, at most: keys,"
              + " values, headers and results. Near the limit partitions are paused.");
  static final Setting<Integer> PARTITION_IN_FLIGHT_RECORDS =
      Setting.count(
          "in-flight-records-per-partition",
          "0",
          0,
          10_000_000,
          "Records of one partition read and not yet written, at most. 0: its share of"
              + " in-flight-records.");
  static final Setting<Long> PARTITION_IN_FLIGHT_BYTES =
      Setting.bytes(
          "in-flight-bytes-per-partition",
          "0",
          0,
          "Memory of the records of one partition read and not yet written, at most. 0: its"
              + " share of in-flight-bytes.");
  static final Setting<Integer> RATE_LIMIT =
      Setting.count(
          "rate-limit",
          "0",
          0,
          10_000_000,
          "Records a second that all workers of this instance read together. 0: no" + " limit.");

  private FlowSettings() {}
}
