package io.exactlyonce.engine.inflight;

import static java.util.Objects.requireNonNull;

import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.errors.InvalidTimestampException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.jspecify.annotations.Nullable;

/**
 * The record to blame where the broker refuses outputs of a transaction: the first one to come
 * back.
 *
 * <p>A refusal fails the transaction, and with it the producer fails all records that it has not
 * sent yet, <em>by the same exception</em> ({@code Sender}: undrained batches are aborted with the
 * transaction's last error). So most records that come back are innocent, and no exception shows
 * it: where the broker names records in a batch, their exceptions differ from the transaction's,
 * and a second refusal replaces the transaction's own. But the refused record comes back before the
 * transaction is in its error state. A further refused record costs a further abort.
 *
 * <p>Threads: producers' threads add, in the order in which records come back; the worker judges
 * once, and what comes later is dropped.
 */
public final class TransactionRefusals {
  /**
   * Marker meaning that no record is to blame: the receipt was refused, or the transaction was
   * already judged.
   */
  private static final RecordResult NOBODY = RecordResult.of(RecordResult.Kind.PASSED);

  private @Nullable RecordResult first;
  private @Nullable Exception why;

  /** Whether the exception is the record's own fault, whichever producer sends it. */
  static boolean isRefusal(Throwable thrown) {
    return thrown instanceof RecordTooLargeException
        || thrown instanceof InvalidRecordException
        || thrown instanceof InvalidTimestampException;
  }

  synchronized void add(RecordResult handled, Exception refusal) {
    if (first == null) {
      first = handled;
      why = refusal;
    }
  }

  /** Callback of the receipt's send: where the receipt is refused, no record is to blame. */
  public void postReceipt(RecordMetadata metadata, Exception exception) {
    if (isRefusal(exception)) {
      add(NOBODY, exception);
    }
  }

  /**
   * Notes the record to blame, if there is one. Later refusals are dropped.
   *
   * @return whether the next attempt will differ from this one
   */
  public synchronized boolean judge(RefusedRecords refusedRecords) {
    boolean isAnother =
        first != null && first != NOBODY && first.refuse(refusedRecords, requireNonNull(why));
    first = NOBODY;
    return isAnother;
  }
}
