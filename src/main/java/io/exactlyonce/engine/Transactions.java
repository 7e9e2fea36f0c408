package io.exactlyonce.engine;

import java.util.Collection;
import java.util.Iterator;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;

/**
 * From finished records to committed transactions: sends each track's contiguous prefix, hands the
 * open transaction over when it is due, and takes the results in. The worker's thread alone calls
 * it.
 */
final class Transactions {
  private final Consumer<byte[], byte[]> consumer;
  private final Tracks tracks;
  private final TransactionSession session;
  private final CommitPolicy policy;
  private final Condemned condemned;
  private final Holds holds;
  private final PipelineCounters counters;
  private Batch open = new Batch();
  private CompletableFuture<CommitResult> committing;
  private Refusals handedOver = new Refusals();

  /** Set while the consumer has yet to see that the group moved on. */
  private CommitResult.Refused refused;

  Transactions(
      Consumer<byte[], byte[]> consumer,
      Tracks tracks,
      TransactionSession session,
      CommitPolicy policy,
      Condemned condemned,
      Holds holds,
      PipelineCounters counters) {
    this.consumer = consumer;
    this.tracks = tracks;
    this.session = session;
    this.policy = policy;
    this.condemned = condemned;
    this.holds = holds;
    this.counters = counters;
  }

  /**
   * Sends whatever is finished and has nothing unfinished before it in its partition.
   *
   * @return whether anything was sent
   * @throws TransactionFailure where the open transaction cannot go on
   */
  boolean sendPrefixes(long now) {
    return sendPrefixes(tracks.all(), now);
  }

  /** The same for some of the tracks. */
  boolean sendPrefixes(Collection<Track> some, long now) {
    if (!session.maySend()) {
      return false;
    }
    if (committing != null) {
      policy.postWritten(now);
    }
    boolean sent = false;
    for (Track track : some) {
      while (track.hasUnsent() && sendFirst(track, now)) {
        sent = true;
      }
    }
    return sent;
  }

  /** Sends of the track's first chunk what is finished; true where anything was. */
  private boolean sendFirst(Track track, long now) {
    Chunk chunk = track.chunks.peekFirst();
    int before = chunk.sent;
    while (!chunk.isSent() && !policy.isFull(open)) {
      Handled handled = chunk.result(chunk.sent);
      if (handled == null || handled.isHeld() || isBrokenOff()) {
        break;
      }
      if (open.isEmpty()) {
        policy.postOpen(now);
      }
      long offset = chunk.offset(chunk.sent);
      open.add(track, offset, handled);
      if (!handled.outputs.isEmpty()) {
        handled.postJoin(open.refusals());
      }
      for (ProducerRecord<byte[], byte[]> output : handled.outputs) {
        session.send(output, handled);
        open.addOutput(output.topic(), Sizes.of(output));
      }
      track.sentTo(offset + 1);
      chunk.postSend();
    }
    if (chunk.isSent()) {
      track.removeFirst();
    }
    return chunk.sent > before;
  }

  /**
   * Whether the pool waits no longer: it interrupts this thread, then the handlers, whose records
   * did not fail by what they make of that. To be asked after a result was read: where the result
   * came of that interrupt, this thread's flag is up already.
   */
  private static boolean isBrokenOff() {
    return Thread.currentThread().isInterrupted();
  }

  /**
   * Hands the open transaction over where it is due and nothing else is being committed.
   *
   * @throws TransactionFailure where it waits for that for so long that the broker would abort it
   */
  void maybeCommit(long now) {
    if (committing != null || isRefused()) {
      refuseOverdue(now);
      return;
    }
    boolean markersDue = open.isEmpty() && policy.isDueForMarkers(now) && tracks.hasUnsentMarkers();
    if (markersDue || (!open.isEmpty() && policy.isDue(open, this::isMoreComing, now))) {
      handOver(now);
    }
  }

  /**
   * Whether at least as many records could still join as it holds: waiting for them halves what a
   * record pays of the commit, and for fewer it only makes records late. Some are being handled,
   * others stand behind the last that was polled: with a cheap handler nothing is in flight once a
   * poll is sent, however long the backlog. Who keeps up has little of either, whatever the rate,
   * and commits at the floor.
   */
  private boolean isMoreComing() {
    long coming = 0;
    for (Track track : tracks.all()) {
      coming += track.movingRecords();
    }
    Iterator<Track> sources = open.sources().iterator();
    while (coming < open.records() && sources.hasNext()) {
      Track track = sources.next();
      coming += track.isPaused() ? 0 : lag(track); // what is paused brings nothing
    }
    return coming >= open.records();
  }

  /**
   * Asked only of partitions that the transaction has records of, and only until there are enough:
   * with the {@code consumer} protocol each is a round trip to the client's background thread.
   */
  private long lag(Track track) {
    try {
      return consumer.currentLag(track.partition).orElse(0);
    } catch (RuntimeException e) {
      throw TransactionFailure.of(Phase.POLL, e);
    }
  }

  private void refuseOverdue(long now) {
    if (!open.isEmpty() && policy.isOverdue(now)) {
      throw new TransactionFailure(
          Phase.SEND,
          Reaction.ABORT_AND_REWIND,
          new TimeoutException("the last transaction is committing for too long for this one"));
    }
  }

  /**
   * Commits what is sent, however little: for a revocation or a stop. True where there was any.
   *
   * @throws TransactionFailure where the group has moved on and no poll will tell meanwhile
   */
  boolean commitAll(long now) {
    if (isRefused()) {
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
    Batch.Sealed sealed = open.seal(group);
    policy.postHandOver(open, now);
    handedOver = open.refusals();
    open = new Batch();
    committing = session.commit(sealed);
  }

  /**
   * Takes in the result of the transaction with the committer, if it is there. True where it
   * committed.
   *
   * @throws TransactionFailure where it did not commit, or nobody knows whether it did
   */
  boolean maybeTakeResult(long now) {
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
    Batch.Sealed batch = ((CommitResult.Committed) result).batch();
    batch
        .offsets()
        .forEach(
            (partition, offset) -> {
              Track track = tracks.get(partition);
              if (track != null) {
                track.committedTo(offset.offset());
              }
              forgetPast(partition, offset.offset());
            });
    counters.committed(batch);
    policy.postCommitted(now);
    return true;
  }

  /**
   * The group was made anew while a transaction committed, and takes no offsets of the generation
   * that it was sealed with. The partitions may all be this worker's still, and for certain nothing
   * is committed: so both transactions are aborted, the later one too since its records stand
   * behind the others, and the results that handlers came to are sent again. Partitions that are
   * gone took theirs with them. A fence is not lost: aborting meets it, or the next send does.
   */
  private void handleRefused(CommitResult.Refused because) {
    counters.aborts.increment();
    refused = because;
    session.abort();
    open = new Batch();
    tracks.all().forEach(Track::takeBack);
  }

  /** Whether a commit would be refused again: the consumer still is of that generation. */
  private boolean isRefused() {
    if (refused != null && !refused.isOf(consumer.groupMetadata())) {
      refused = null;
    }
    return refused != null;
  }

  private void forgetPast(TopicPartition partition, long offset) {
    condemned.forgetBelow(partition, offset);
    holds.forgetBelow(partition, offset);
  }

  /**
   * After a failure: what was open or on its way is the broker's to tell, but for what it refused.
   *
   * @return whether a record is known now that will not fail the next attempt
   */
  boolean discard() {
    boolean known = handedOver.judge(condemned);
    known |= open.refusals().judge(condemned);
    handedOver = new Refusals();
    open = new Batch();
    refused = null;
    committing = null;
    return known;
  }

  boolean isCommitting() {
    return committing != null;
  }

  boolean isFull() {
    return policy.isFull(open);
  }

  boolean isOpen() {
    return !open.isEmpty();
  }
}
