package io.exactlyonce.engine.worker;

import io.exactlyonce.config.PipelineConfig;
import io.exactlyonce.config.value.Units;
import io.exactlyonce.engine.failure.Phase;
import io.exactlyonce.engine.failure.Reaction;
import io.exactlyonce.engine.failure.TransactionFailure;
import io.exactlyonce.engine.group.GroupMembership;
import io.exactlyonce.engine.inflight.Signal;
import io.exactlyonce.engine.inflight.Tracks;
import io.exactlyonce.engine.intake.BackPressure;
import io.exactlyonce.engine.intake.Intake;
import io.exactlyonce.engine.status.PipelineCounters;
import io.exactlyonce.engine.status.WorkerState;
import io.exactlyonce.engine.transaction.AbortCauses;
import io.exactlyonce.engine.transaction.TransactionSession;
import io.exactlyonce.engine.transaction.Transactions;
import io.exactlyonce.guard.Guard;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A worker's turns once its clients are open: poll, claim, hand to handlers, send what is finished,
 * commit what is due, and recover where that failed. Made and called by the worker's thread alone
 * (invariant "one owner"), but for {@link #turnAt}.
 */
final class WorkerLoop implements RevocationListener.Reactions {
  private static final Logger LOG = LoggerFactory.getLogger(WorkerLoop.class);
  private static final long MAX_WAIT_NANOS = 1_000_000;

  private final OwnerThread owner = new OwnerThread();
  private final RevocationListener listener;
  private final PipelineConfig config;
  private final PipelineCounters counters;
  private final String id;
  private final GroupMembership membership;
  private final Signal signal;
  private final Tracks tracks;
  private final StatusBoard board;
  private final WorkerLog log;
  private final TransactionSession session;
  private final Guard guard;
  private final Consumer<byte[], byte[]> consumer;
  private final Recovery recovery = new Recovery();
  private final BackPressure backPressure;
  private final Intake intake;
  private final Transactions transactions;
  private final Polling polling;
  private final Drain drain;
  private final Promises promises;
  private final Positions positions;
  private final StallDetector stallDetector;
  private final AwaitedTrouble awaited;
  private volatile long turnAt = System.nanoTime();

  /** Takes a session that is recovered: what a predecessor left open is decided. */
  WorkerLoop(
      WorkerParts parts,
      WorkerMemory own,
      TransactionSession session,
      Guard guard,
      Consumer<byte[], byte[]> consumer) {
    this.config = parts.pipeline().config();
    this.counters = parts.pipeline().counters();
    this.id = own.id();
    this.listener = new RevocationListener(id, owner, this, counters.rebalances);
    this.membership = own.membership();
    this.signal = own.signal();
    this.tracks = own.tracks();
    this.board = own.board();
    this.log = new WorkerLog(id);
    this.session = session;
    this.guard = guard;
    this.consumer = consumer;
    backPressure = parts.backPressure(consumer, own.budget(), session);
    intake = parts.intake(own, backPressure, guard);
    transactions = parts.transactions(consumer, own, guard, session);
    polling = new Polling(consumer, recovery, tracks, intake, transactions, parts.rate());
    drain = new Drain(id, tracks, intake, transactions, session, signal, config.drainTimeout());
    promises = new Promises(drain, guard, counters);
    positions = parts.positions(consumer, tracks, guard);
    awaited = new AwaitedTrouble(id, System.nanoTime());
    stallDetector = new StallDetector(id, config.handlerLimits().stallAfter(), System.nanoTime());
  }

  /** Subscribes, and adopts the guard's generation of claims. */
  void begin(long madeAt) {
    consumer.subscribe(config.subscribed(), listener);
    log.started(madeAt, System.nanoTime());
    try {
      Recovery.adopt(guard);
      board.become(WorkerState.RUNNING, "");
    } catch (TransactionFailure e) {
      handleFailure(e);
    }
  }

  /**
   * Makes one turn, in this order:
   *
   * <ol>
   *   <li>poll records, which may call the reactions to assigned, revoked and lost partitions;
   *   <li>accept them, and for at-most-once commit their offsets;
   *   <li>claim their event ids, and hand to the handlers what is claimed;
   *   <li>take in the result of the transaction that was committing;
   *   <li>send the finished prefix of each partition, and commit the open transaction where due;
   *   <li>find where partitions stand that are not located yet;
   *   <li>pause and resume partitions by their bounds, and show what goes on.
   * </ol>
   *
   * During a recovery a turn only polls, to keep the membership, and recovers.
   */
  void runOnce() {
    owner.check();
    turnAt = System.nanoTime();
    log.look(tracks, turnAt);
    try {
      if (recovery.isUnderWay()) {
        recoverOnce();
        return;
      }
      ConsumerRecords<byte[], byte[]> polled = polling.maybePoll();
      long now = System.nanoTime();
      intake.accept(polled, now);
      promises.make(polled.nextOffsets().keySet());
      intake.admit(now);
      boolean progressed = !polled.isEmpty();
      if (transactions.maybeTakeResult(now)) {
        recovery.postProgress();
        progressed = true;
      }
      progressed |= transactions.sendPrefixes(now);
      transactions.maybeCommit(now);
      positions.maybeLocate(now);
      maybeJoinAnew();
      backPressure.regulate(tracks, now);
      board.maybeShow(
          intake.trouble(),
          positions.trouble(),
          awaited.look(tracks, now),
          stallDetector.look(tracks, now));
      if (!progressed && polling.isSignalAwaited()) {
        signal.await(MAX_WAIT_NANOS);
      }
    } catch (TransactionFailure e) {
      handleFailure(e);
    }
  }

  /** Joins anew where fetched records of a deleted topic could pass for records of the new one. */
  private void maybeJoinAnew() {
    if (positions.takeFetchesDoubtful()) {
      consumer.unsubscribe();
      consumer.subscribe(config.subscribed(), listener);
    }
  }

  /** Drops everything in memory and begins a recovery, which goes on from the committed offsets. */
  private void handleFailure(TransactionFailure e) {
    counters.aborted(AbortCauses.of(e));
    membership.maybeGiveUp(e, consumer);
    if (!recovery.isUnderWay()) {
      promises.keep(e);
    }
    if (e.isFinal()) {
      throw e;
    }
    LOG.warn("{}: {} after {}", id, e.reaction(), e.getMessage());
    if (e.getCause() instanceof InvalidOffsetException && !recovery.isUnderWay()) {
      // The position is outside the log: what is in memory may not be there to be read again.
      drain.tryAll();
    }
    promises.lose(tracks.all(), "after " + e.getMessage());
    if (e.reaction() == Reaction.REBUILD_PRODUCERS) {
      counters.rebuilds.increment();
    }
    if (transactions.discard()) {
      recovery.postProgress();
    }
    intake.clear();
    tracks.rewind();
    backPressure.pauseAll(tracks);
    recovery.begin(e);
    board.become(WorkerState.RECOVERING, String.valueOf(e.getMessage()));
  }

  private void recoverOnce() {
    recovery.poll(consumer, Duration.ofMillis(10));
    if (!recovery.isDue(System.nanoTime())) {
      return;
    }
    try {
      session.recover(recovery.reaction());
      Recovery.adopt(guard);
      positions.rewind();
      maybeJoinAnew();
      log.recovered(recovery.end(), System.nanoTime());
      board.become(WorkerState.RUNNING, "");
    } catch (TransactionFailure e) {
      if (e.isFinal()) {
        throw e;
      }
      recovery.postpone(e, System.nanoTime());
      String trouble = String.valueOf(e.getMessage());
      if (!trouble.equals(board.status().trouble())) {
        LOG.warn("{}: cannot go on yet: {}", id, trouble);
      }
      board.become(WorkerState.RECOVERING, trouble);
    }
  }

  @Override
  public void handleAssigned(Collection<TopicPartition> assigned) {
    long begun = System.nanoTime();
    try {
      positions.assign(assigned);
    } catch (RuntimeException e) {
      recovery.raise(TransactionFailure.of(Phase.POLL, e));
    }
    if (recovery.isRaised() || recovery.isUnderWay()) {
      // Pause before this poll returns records: they would be discarded while the consumer's
      // position had already moved past them.
      backPressure.pauseAll(tracks);
    }
    log.assigned(assigned, begun);
    board.refresh();
  }

  /** Drains the partitions, commits what is finished of them, and drops the rest. */
  @Override
  public void handleRevoked(Collection<TopicPartition> revoked) {
    if (board.isTurning()) { // else it stops
      long begun = System.nanoTime();
      String how = recovery.isUnderWay() ? "nothing was in flight" : drained(revoked);
      log.revoked(revoked, how, begun, System.nanoTime());
    }
    promises.lose(tracks.of(revoked), "within drain-timeout " + Units.text(config.drainTimeout()));
    drop(revoked);
  }

  /** Drains the partitions; says what became of their records. */
  private String drained(Collection<TopicPartition> revoked) {
    try {
      drain.run(revoked);
      return "what they had finished before their first unfinished record is committed";
    } catch (TransactionFailure e) {
      recovery.raise(e);
      return "what was in flight is aborted, or its commit undecided: " + e.getMessage();
    }
  }

  /** The partitions have other owners already: nothing of them may be committed. */
  @Override
  public void handleLost(Collection<TopicPartition> lost) {
    if (!recovery.isUnderWay()) {
      promises.keepLost(lost);
    }
    if (board.isTurning()) {
      log.lost(lost, System.nanoTime());
    }
    promises.lose(tracks.of(lost), "before the partitions were lost to others");
    drop(lost);
    recovery.raise(TransactionFailure.lost(lost));
  }

  /** Drops the tracks: their retries end, and none of their records waits for a decision. */
  private void drop(Collection<TopicPartition> partitions) {
    tracks.remove(partitions);
    board.refresh();
  }

  /** Finishes and commits what it can, before the clients are closed; false where that failed. */
  boolean drainAll() {
    long begun = System.nanoTime();
    boolean isClean = !recovery.isUnderWay() && drain.tryAll();
    log.stopped(isClean && drain.hasLeftNothing(), begun, System.nanoTime());
    return isClean;
  }

  /** Drops all partitions; counts as lost what at-most-once has committed and not handled. */
  void letGo(String when) {
    log.end();
    promises.lose(tracks.all(), when);
    tracks.remove(List.copyOf(tracks.partitions()));
  }

  /** When it last began a turn, in {@link System#nanoTime}'s time; from any thread. */
  long turnAt() {
    return turnAt;
  }
}
