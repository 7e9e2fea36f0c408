package io.exactlyonce.config.value;

/** How the group shares out its partitions. */
public enum GroupProtocolChoice {
  /** Members agree through the cooperative-sticky assignor. */
  CLASSIC,
  /** The broker assigns (KIP-848). */
  CONSUMER
}
