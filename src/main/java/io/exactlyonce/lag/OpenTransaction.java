package io.exactlyonce.lag;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The open transaction that holds back a partition's last stable offset.
 *
 * @param transactionalId empty where no coordinator lists it: it hangs, and only an operator can
 *     abort it, or this principal may not see it; null where not every coordinator has answered
 * @param producerId of its producer
 * @param ageMillis since it began, 0 where that is not known; without a transactional id, since its
 *     producer's last record
 * @param timeoutMillis its own time-out, after which its coordinator aborts it; 0 where that is not
 *     known
 */
public record OpenTransaction(
    @Nullable String transactionalId, long producerId, long ageMillis, long timeoutMillis) {
  /**
   * Time-out that is assumed where a transaction's own is not known: the default of {@code
   * transaction.max.timeout.ms}, the longest that brokers allow.
   */
  public static final Duration LONGEST = Duration.ofMinutes(15);

  /**
   * Time between two looks of a coordinator for transactions to abort: {@code
   * transaction.abort.timed.out.transaction.cleanup.interval.ms}.
   */
  private static final Duration SCAN = Duration.ofSeconds(10);

  public boolean isTimeoutKnown() {
    return timeoutMillis > 0;
  }

  /** Its time-out, or the longest one where its own is not known. */
  public Duration timeout() {
    return isTimeoutKnown() ? Duration.ofMillis(timeoutMillis) : LONGEST;
  }

  /**
   * By how long it is past its time-out and {@link #SCAN}; 0 where it is not, or where its age is
   * not known, since nobody should be told to end a transaction that may be young.
   */
  public long overdueMillis() {
    return Math.max(0, ageMillis - timeout().plus(SCAN).toMillis());
  }
}
