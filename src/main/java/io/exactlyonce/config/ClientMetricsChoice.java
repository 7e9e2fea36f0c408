package io.exactlyonce.config;

/** Which of the metrics of its workers' Kafka clients a pipeline exports. */
public enum ClientMetricsChoice {
  NONE,
  /** A list of {@code ops.ClientMetrics}: what tells whether a client or its broker is slow. */
  ESSENTIAL,
  /** Every number that a client has of itself. */
  ALL
}
