package io.exactlyonce.engine.status;

import java.util.Locale;

/** Why a transaction was aborted, as metrics name it. */
public enum AbortCause {
  /** Somebody else took the transactional id over, or the broker ended the transaction. */
  FENCED,
  /** The group moved on: partitions were lost, or offsets of an older generation refused. */
  REBALANCE,
  /** The broker refused a record: it is too large, or not one that its topic takes. */
  RECORD,
  /** A topic is gone or was made anew, or its log was cut. */
  TOPIC,
  /** The claims that records were admitted under are not believed any more. */
  GUARD,
  /** Kafka did not answer in time. */
  TIMEOUT,
  /** None of these; the log names it. */
  OTHER;

  /** As it stands in the tag {@code cause}. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
