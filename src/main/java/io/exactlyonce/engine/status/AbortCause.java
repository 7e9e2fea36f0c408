package io.exactlyonce.engine.status;

import java.util.Locale;

/** Why a transaction was aborted, as metrics name it. */
public enum AbortCause {
  /** Another producer took the transactional id over, or the broker ended the transaction. */
  FENCED,
  /** A rebalance: partitions were lost, or offsets of an older generation were refused. */
  REBALANCE,
  /** The broker refused a record as too large or invalid. */
  RECORD,
  /** A topic was deleted or made anew, or its log was cut. */
  TOPIC,
  /** The guard's claims were lost or renewed since the records were admitted. */
  GUARD,
  /** Kafka did not answer in time. */
  TIMEOUT,
  /** None of these; the log names it. */
  OTHER;

  /** The value of the metrics' tag {@code cause}. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
