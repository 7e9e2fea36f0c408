package io.exactlyonce.engine.worker;

import io.exactlyonce.config.value.Units;
import io.exactlyonce.engine.failure.Phase;
import io.exactlyonce.engine.failure.Reaction;
import io.exactlyonce.engine.failure.TransactionFailure;
import io.exactlyonce.engine.inflight.Signal;
import io.exactlyonce.engine.inflight.Tracks;
import io.exactlyonce.engine.intake.Intake;
import io.exactlyonce.engine.transaction.TransactionSession;
import io.exactlyonce.engine.transaction.Transactions;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finishes and commits what a worker holds before partitions are let go, within a bound (invariant
 * "revoked drains, lost discards"): running handlers end, then all that is finished is committed.
 * The worker's thread alone calls it.
 *
 * @param bound of each run
 */
record Drain(
    String worker,
    Tracks tracks,
    Intake intake,
    Transactions transactions,
    TransactionSession session,
    Signal signal,
    Duration bound) {
  private static final Logger LOG = LoggerFactory.getLogger(Drain.class);
  private static final long MAX_WAIT_NANOS = 1_000_000;

  /**
   * Lets running handlers of these partitions finish, then commits the partitions' finished
   * prefixes. Three quarters of the bound are for handlers: one that takes longer is left behind,
   * its record uncommitted.
   *
   * @throws TransactionFailure where the commit fails or does not return in time
   */
  void run(Collection<TopicPartition> partitions) {
    run(partitions, System.nanoTime());
  }

  private void run(Collection<TopicPartition> partitions, long start) {
    if (session.commitsFirst()) { // what is not handled would be lost
      finish(partitions, start);
    }
    tracks.closeHandling(partitions);
    while (tracks.isHandling(partitions) && isTimeForHandlers(start)) {
      signal.await(MAX_WAIT_NANOS);
    }
    while (!isCommitted(partitions)) {
      if (System.nanoTime() - start > bound.toNanos()) {
        throw new TransactionFailure(
            Phase.COMMIT,
            Reaction.REBUILD_PRODUCERS,
            new TimeoutException("not committed within drain-timeout " + Units.text(bound)));
      }
      if (transactions.isCommitting()) {
        signal.await(MAX_WAIT_NANOS);
      }
    }
  }

  /** Has all records handled, also those that still wait for a claim or an attempt. */
  private void finish(Collection<TopicPartition> partitions, long start) {
    while (tracks.hasUnfinished(partitions) && isTimeForHandlers(start) && !tracks.isBrokenOff()) {
      long now = System.nanoTime();
      intake.admit(now);
      transactions.maybeTakeResult(now);
      transactions.sendPrefixes(tracks.of(partitions), now);
      transactions.maybeCommit(now);
      signal.await(MAX_WAIT_NANOS);
    }
  }

  private boolean isTimeForHandlers(long start) {
    return System.nanoTime() - start < bound.toNanos() / 4 * 3;
  }

  /**
   * Drains all assigned partitions as far as it can; what is left is read again, except with
   * at-most-once. False where a commit failed.
   *
   * <p>First handlers finish what lies before records that are finished: with order by key or none
   * fast records overtake slow ones, and a clean stop is to have no record handled twice. A
   * revocation does not wait for that, since the partitions that are kept stand still meanwhile.
   */
  boolean tryAll() {
    List<TopicPartition> all = List.copyOf(tracks.partitions());
    long start = System.nanoTime();
    try {
      if (!session.commitsFirst()) {
        tracks.narrowHandling(all);
      }
      while (!session.commitsFirst()
          && (tracks.isHandling(all) || tracks.hasGaps(all))
          && isTimeForHandlers(start)) {
        // Commits meanwhile: a handler that hangs takes all the time but a quarter, in which a
        // commit to a busy cluster may not return, and what is finished would be handled twice.
        isCommitted(all);
        signal.await(MAX_WAIT_NANOS);
      }
      run(all, start);
      return true;
    } catch (TransactionFailure e) {
      LOG.warn("{}: what was in flight is not committed: {}", worker, e.getMessage());
      return false;
    }
  }

  /** Whether nothing is left that handlers had begun: no call runs, no result is behind a gap. */
  boolean hasLeftNothing() {
    List<TopicPartition> all = List.copyOf(tracks.partitions());
    return !tracks.isHandling(all) && !tracks.hasGaps(all) && !tracks.isBrokenOff();
  }

  /**
   * Makes one step: takes a result in, sends, hands over. True where nothing of these partitions is
   * left; records of other partitions in the transaction are not waited for.
   */
  private boolean isCommitted(Collection<TopicPartition> partitions) {
    long now = System.nanoTime();
    transactions.maybeTakeResult(now);
    boolean sent = transactions.sendPrefixes(tracks.of(partitions), now);
    if (transactions.isCommitting()) {
      return false;
    }
    if (!sent && !transactions.isFull() && tracks.isCommitted(partitions)) {
      return true;
    }
    transactions.commitAll(now);
    return false;
  }
}
