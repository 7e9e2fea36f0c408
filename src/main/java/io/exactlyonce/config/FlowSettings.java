package io.exactlyonce.config;

import java.time.Duration;

/** The keys that say how much a pipeline takes at once: into a transaction, and into memory. */
final class FlowSettings {
  static final Setting<Duration> COMMIT_INTERVAL =
      Setting.duration(
          "commit-interval",
          "40ms",
          Duration.ofMillis(1),
          "A transaction is not left open longer.");
  static final Setting<Duration> COMMIT_FLOOR =
      Setting.duration(
          "commit-floor",
          "10ms",
          Duration.ZERO,
          "Once fewer records wait than it holds a transaction commits, though not more often.");
  static final Setting<Integer> COMMIT_RECORDS =
      Setting.count(
          "commit-records", "50000", 1, 10_000_000, "A transaction of so many records commits.");
  static final Setting<Long> COMMIT_BYTES =
      Setting.bytes("commit-bytes", "64MB", 1024, "A transaction with so many bytes commits.");
  static final Setting<Duration> COMMIT_TARGET =
      Setting.duration(
          "commit-target",
          "100ms",
          Duration.ofMillis(1),
          "How long the outputs of a transaction may take to be written once it commits: where they"
              + " take longer, transactions take fewer records, at least 1000, and more again later.");
  static final Setting<Integer> IN_FLIGHT_RECORDS =
      Setting.count(
          "in-flight-records",
          "50000",
          1,
          10_000_000,
          "Records read but not yet sent, per worker, at the most; near it partitions pause.");
  static final Setting<Long> IN_FLIGHT_BYTES =
      Setting.bytes(
          "in-flight-bytes", "64MB", 1024, "Bytes read but not yet sent, per worker; likewise.");
  static final Setting<Integer> PARTITION_IN_FLIGHT_RECORDS =
      Setting.count(
          "in-flight-records-per-partition",
          "0",
          0,
          10_000_000,
          "The same for each partition; 0: it pauses at its share of in-flight-records.");
  static final Setting<Long> PARTITION_IN_FLIGHT_BYTES =
      Setting.bytes(
          "in-flight-bytes-per-partition",
          "0",
          0,
          "The same for each partition; 0: it pauses at its share of in-flight-bytes.");
  static final Setting<Integer> RATE_LIMIT =
      Setting.count(
          "rate-limit",
          "0",
          0,
          10_000_000,
          "Records a second that all workers of this instance read together; 0: no limit.");

  private FlowSettings() {}
}
