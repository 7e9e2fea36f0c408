package io.exactlyonce.config.value;

/** Kafka's protocol by which the group assigns its partitions. */
public enum GroupProtocolChoice {
  /** A member assigns them, with the cooperative-sticky assignor. */
  CLASSIC,
  /** The broker assigns them (KIP-848). */
  CONSUMER
}
