package io.exactlyonce.engine.inflight;

import static java.util.Objects.requireNonNull;

import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.errors.InvalidTimestampException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.jspecify.annotations.Nullable;

/**
 * Who is to blame where the broker refuses outputs of a transaction: whoever comes back first.
 *
 * <p>A refusal fails the transaction, and with it the producer fails whatever it has not sent yet,
 * <em>by the same exception</em> ({@code Sender}: undrained batches are aborted with the
 * transaction's last error). So most of those that come back are innocent, and nothing about them
 * says so: where the broker names records in a batch, theirs are other exceptions than the
 * transaction's, and a second refusal replaces the transaction's own. But what was refused comes
 * back before the transaction is in its error state. A further culprit costs a further abort.
 *
 * <p>Threads: producers' threads add, in the order in which records come back; the worker judges
 * once, and what comes later is dropped.
 */
public final class TransactionRefusals {
  /** In the place of a culprit: the receipt was refused first, or it is too late to say. */
  private static final RecordResult NOBODY = RecordResult.of(RecordResult.Kind.PASSED);

  private @Nullable RecordResult first;
  private @Nullable Exception why;

  /** Whether it is the record's own fault, whoever sends it. */
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

  /** The callback of the receipt's send: where that is refused no record is to blame. */
  public void postReceipt(RecordMetadata metadata, Exception exception) {
    if (isRefusal(exception)) {
      add(NOBODY, exception);
    }
  }

  /**
   * Condemns whoever is to blame, if it was a record.
   *
   * @return whether the next attempt is another than this one
   */
  public synchronized boolean judge(RefusedRecords refusedRecords) {
    boolean isAnother =
        first != null && first != NOBODY && first.refuse(refusedRecords, requireNonNull(why));
    first = NOBODY;
    return isAnother;
  }
}
