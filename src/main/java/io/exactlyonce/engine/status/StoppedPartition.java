package io.exactlyonce.engine.status;

import java.time.Instant;

/**
 * A record at which its partition stands until an operator decides.
 *
 * @param position {@code topic-partition@offset}
 * @param reason what went wrong, without the record's values
 * @param attempts calls of the handler
 * @param since when the partition came to stand
 */
public record StoppedPartition(String position, String reason, int attempts, Instant since) {
  @Override
  public String toString() {
    return position + ": " + reason;
  }
}
