package io.exactlyonce.config;

/** The metrics of its workers' Kafka clients that a pipeline exports. */
public enum ClientMetricsChoice {
  NONE,
  /**
   * Metrics that show whether a client or its broker is slow: {@code ops.metrics.ClientMetrics}.
   */
  ESSENTIAL,
  /** All metrics of a client as a whole; none by topic, partition or broker. */
  ALL
}
