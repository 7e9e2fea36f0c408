package io.exactlyonce.engine.transaction;

import io.exactlyonce.engine.failure.Phase;
import io.exactlyonce.engine.failure.Reaction;
import io.exactlyonce.engine.failure.TransactionFailure;
import io.exactlyonce.engine.inflight.PolledRecords;
import io.exactlyonce.engine.inflight.RecordResult;
import io.exactlyonce.engine.inflight.Track;
import io.exactlyonce.engine.inflight.Tracks;
import io.exactlyonce.engine.inflight.TransactionRefusals;
import io.exactlyonce.engine.status.PipelineCounters;
import io.exactlyonce.guard.Guard;
import java.time.Clock;
import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Makes transactions of finished records: sends each track's contiguous prefix, hands the open
 * transaction over when it is due, and takes results in. The worker's thread alone calls it.
 */
public final class Transactions {
  private final Consumer<byte[], byte[]> consumer;
  private final Tracks tracks;
  private final Guard guard;
  private final TransactionSession session;
  private final CommitPolicy policy;
  private final PipelineCounters counters;
  private final Clock clock;
  private final ComingRecords coming;
  private PendingTransaction open = new PendingTransaction();
  private @Nullable CompletableFuture<CommitResult> committing;
  private TransactionRefusals handedOver = new TransactionRefusals();
  private RecordTimes handedOverTimes = new RecordTimes();
  private long handedOverAt;

  private @Nullable Track filledBy; // whose records filled it; null where all had room

  /** The last refusal, until the consumer has seen the group's new generation. */
  private CommitResult.@Nullable Refused refused;

  public Transactions(
      Consumer<byte[], byte[]> consumer,
      Tracks tracks,
      Guard guard,
      TransactionSession session,
      CommitPolicy policy,
      PipelineCounters counters,
      Clock clock) {
    this.consumer = consumer;
    this.tracks = tracks;
    this.guard = guard;
    this.session = session;
    this.policy = policy;
    this.counters = counters;
    this.clock = clock;
    this.coming = new ComingRecords(consumer, tracks);
  }

  /**
   * Sends the finished records that have no unfinished one before them in their partition.
   *
   * @return whether anything was sent
   * @throws TransactionFailure where the open transaction cannot go on
   */
  public boolean sendPrefixes(long now) {
    return sendPrefixes(tracks.all(), now);
  }

  /** As {@link #sendPrefixes(long)}, for some of the tracks. */
  public boolean sendPrefixes(Collection<Track> some, long now) {
    if (!session.maySend()) {
      return false;
    }
    if (committing != null) {
      policy.postWritten(now);
    }
    if (policy.isFull(open)) {
      return false;
    }
    boolean sent = false;
    for (Track track : Tracks.inTurn(some, filledBy)) {
      while (track.hasUnsent() && sendFirst(track, now)) {
        sent = true;
      }
      if (policy.isFull(open)) {
        filledBy = track;
        return sent;
      }
    }
    filledBy = null;
    return sent;
  }

  /**
   * Sends the finished front of the first poll that the track has not sent whole; true where there
   * was any.
   */
  private boolean sendFirst(Track track, long now) {
    PolledRecords polled = track.unsent.peekFirst();
    int before = polled.sent;
    while (!polled.isSent() && !policy.isFull(open)) {
      RecordResult handled = polled.result(polled.sent);
      if (handled == null || handled.isParked() || tracks.isBrokenOff()) {
        // Asked after the result was read: a handler that is interrupted may have made a result of
        // that, which says nothing of the record.
        break;
      }
      if (open.isEmpty()) {
        policy.postOpen(now);
      }
      long offset = polled.offset(polled.sent);
      open.add(track, offset, handled);
      if (handled.kind != RecordResult.Kind.DELAYED) { // a delayed record is not at its end
        open.times().add(polled.timestamp(polled.sent));
      }
      if (!handled.outputs.isEmpty()) {
        handled.postJoin(open.refusals());
      }
      for (ProducerRecord<byte[], byte[]> output : handled.outputs) {
        session.send(output, handled);
        open.addOutput(output.topic());
      }
      track.sentTo(offset + 1);
      polled.postSend();
    }
    if (polled.isSent()) {
      track.removeFirst();
    }
    return polled.sent > before;
  }

  /**
   * Hands the open transaction over where it is due and no other is being committed.
   *
   * @throws TransactionFailure where it has waited so long for the last one, or for the group's new
   *     generation, that the broker would abort it soon
   */
  public void maybeCommit(long now) {
    if (committing != null || isRefused()) {
      refuseOverdue(now);
      return;
    }
    boolean markersDue = open.isEmpty() && policy.isDueForMarkers(now) && tracks.hasUnsentMarkers();
    if (markersDue || (!open.isEmpty() && policy.isDue(open, () -> coming.isAsMuchAs(open), now))) {
      handOver(now);
    }
  }

  private void refuseOverdue(long now) {
    if (!open.isEmpty() && policy.isOverdue(now)) {
      String why =
          committing == null
              ? "the group has refused the last commit, and the consumer has not joined its next generation"
              : "the previous transaction is still committing, and the open one is close to"
                  + " transaction-timeout";
      throw new TransactionFailure(
          Phase.SEND, Reaction.ABORT_AND_REWIND, new TimeoutException(why));
    }
  }

  /**
   * Hands over what is sent, however little, for a revocation or a stop. True where it did.
   *
   * @throws TransactionFailure where the group has refused this generation: before the next poll
   *     the consumer sees no other
   */
  public boolean commitAll(long now) {
    if (isRefused() && refused != null) {
      throw refused.failure();
    }
    if (committing != null || (open.isEmpty() && !tracks.hasUnsentMarkers())) {
      return false;
    }
    handOver(now);
    return true;
  }

  private void handOver(long now) {
    for (Track track : tracks.all()) {
      if (policy.isFull(open) && !open.holds(track)) {
        continue; // its markers go with the next: this receipt has no room for another span
      }
      open.maybeSkipMarkers(track);
    }
    ConsumerGroupMetadata group = consumer.groupMetadata();
    PendingTransaction.Sealed sealed = open.seal(group, guard.generation());
    policy.postHandOver(open, now);
    handedOver = open.refusals();
    handedOverTimes = open.times();
    open = new PendingTransaction();
    handedOverAt = System.nanoTime();
    committing = session.commit(sealed);
  }

  /**
   * Takes in the result of the transaction with the committer, if it is there. True where it
   * committed.
   *
   * @throws TransactionFailure where it did not commit, or its outcome is unknown
   */
  public boolean maybeTakeResult(long now) {
    if (committing == null || !committing.isDone()) {
      return false;
    }
    CommitResult result = committing.join();
    committing = null;
    if (result instanceof CommitResult.NotCommitted notCommitted) {
      throw notCommitted.failure();
    }
    if (result instanceof CommitResult.Refused because) {
      handleRefused(because);
      return false;
    }
    PendingTransaction.Sealed transaction = ((CommitResult.Committed) result).transaction();
    tracks.postCommit(transaction.offsets());
    counters.committed(transaction.spans(), transaction.outputs());
    counters.commitTimes.record(System.nanoTime() - handedOverAt);
    handedOverTimes.recordTo(counters.endToEndTimes, clock.millis());
    policy.postCommitted(now);
    return true;
  }

  /**
   * Aborts both transactions and sends their results again. The group has a new generation and
   * refuses offsets of the one that the transaction was sealed with. So nothing is committed, and
   * the partitions may all still be this worker's. The later transaction is aborted too, since its
   * records stand behind the refused ones. The results of partitions that are gone are gone with
   * them. A producer that is fenced does not go unnoticed: the abort fails, or the next send.
   */
  private void handleRefused(CommitResult.Refused because) {
    counters.aborted(AbortCauses.of(because.failure()));
    refused = because;
    session.abort();
    open = new PendingTransaction();
    tracks.all().forEach(Track::takeBack);
  }

  /** Whether a commit would be refused again, since the consumer still has that generation. */
  private boolean isRefused() {
    if (refused != null && !refused.isOf(consumer.groupMetadata())) {
      refused = null;
    }
    return refused != null;
  }

  /**
   * Drops both transactions after a failure; committed offsets show what became of them. Records
   * that the broker refused are noted first.
   *
   * @return whether the next attempt will differ, since such a record was noted
   */
  public boolean discard() {
    boolean known = handedOver.judge(tracks.refused());
    known |= open.refusals().judge(tracks.refused());
    handedOver = new TransactionRefusals();
    open = new PendingTransaction();
    refused = null;
    committing = null;
    return known;
  }

  public boolean isCommitting() {
    return committing != null;
  }

  public boolean isFull() {
    return policy.isFull(open);
  }

  public boolean isOpen() {
    return !open.isEmpty();
  }
}
