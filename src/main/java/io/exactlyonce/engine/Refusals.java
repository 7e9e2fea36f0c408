package io.exactlyonce.engine;

import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.errors.InvalidTimestampException;
import org.apache.kafka.common.errors.RecordTooLargeException;

/**
 * The outputs of one transaction that came back refused, and which of them are to blame.
 *
 * <p>A refusal fails the transaction, and with it the producer fails all that it has not sent yet
 * <em>for the same reason</em>, to the object ({@code Sender}: undrained batches are aborted with
 * the transaction's last error). So most of those that come back may be innocent. But the batch
 * that was refused comes back before the transaction is in its error state: the first is always to
 * blame. And where the broker names records in a batch, each gets an exception of its own.
 *
 * <p>Threads: producers' threads add, in the order in which records come back; the worker judges
 * once. What comes later is dropped: a further culprit is refused again in the next attempt.
 */
final class Refusals {
  private record Refusal(Handled handled, Exception why) {}

  private final List<Refusal> refused = new ArrayList<>(0);
  private boolean isJudged;

  /** Whether it is the record's own fault, whoever sends it. */
  static boolean isRefusal(Throwable thrown) {
    return thrown instanceof RecordTooLargeException
        || thrown instanceof InvalidRecordException
        || thrown instanceof InvalidTimestampException;
  }

  synchronized void add(Handled handled, Exception why) {
    if (!isJudged) {
      refused.add(new Refusal(handled, why));
    }
  }

  /**
   * Condemns whoever is to blame: the first, and others where their reason is known not to be the
   * transaction's.
   *
   * @param failure the transaction's; null where it failed by something else
   * @return whether there was any, so that the next attempt gets further than this one
   */
  synchronized boolean judge(Throwable failure, Condemned condemned) {
    isJudged = true;
    boolean isKnown = failure != null && Causes.any(failure, Refusals::isRefusal);
    for (int i = 0; i < refused.size(); i++) {
      Exception why = refused.get(i).why;
      if (i == 0 || (isKnown && !Causes.any(failure, cause -> cause == why))) {
        refused.get(i).handled.condemn(condemned, why);
      }
    }
    boolean any = !refused.isEmpty();
    refused.clear();
    return any;
  }
}
