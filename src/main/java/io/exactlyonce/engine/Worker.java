package io.exactlyonce.engine;

import io.exactlyonce.config.PipelineConfig;
import io.exactlyonce.guard.Guard;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import org.apache.kafka.clients.consumer.CloseOptions.GroupMembershipOperation;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One consumer with its transactions, on one thread (invariant 1). Everything here is called on
 * that thread but {@link #requestStop}, {@link #status} and {@link #failure}.
 */
final class Worker implements Runnable, RevocationListener.Reactions {
  private static final Logger LOG = LoggerFactory.getLogger(Worker.class);
  private static final long MOST_WAIT_NANOS = 1_000_000;

  private final WorkerParts parts;
  private final PipelineConfig config;
  private final String id;
  private final int number;
  private final Signal signal = new Signal();
  private final Tracks tracks = new Tracks();
  private final Recovery recovery = new Recovery();
  private final Standing standing;
  private final Room room;
  private final TransactionSize size;
  private volatile long turnAt = System.nanoTime();
  private final GroupPlace place;
  private volatile boolean stopRequested;
  private volatile GroupMembershipOperation leaving = GroupMembershipOperation.DEFAULT;
  private volatile Throwable failure;

  // Made by the owner when it starts.
  private Owner owner;
  private Consumer<byte[], byte[]> consumer;
  private Guard guard;
  private TransactionSession session;
  private Intake intake;
  private Polling polling;
  private Transactions transactions;
  private Drain drain;
  private Holds holds;
  private BackPressure backPressure;
  private Positions positions;
  private Stalls stalls;

  Worker(WorkerParts parts, int number) {
    this.parts = parts;
    this.config = parts.config();
    this.number = number;
    this.id = config.workerId(number);
    this.room = new Room(config.bounds(), config.pollRecords());
    this.size = new TransactionSize(config.commits());
    this.standing = new Standing(id, tracks);
    this.place = new GroupPlace(config, parts.clients(), number);
  }

  @Override
  public void run() {
    owner = new Owner();
    try {
      start();
      while (!stopRequested) {
        runOnce();
      }
      stop();
      standing.become(WorkerState.STOPPED, "");
    } catch (Throwable e) { // the thread ends here; its pipeline shows the cause and starts another
      failure = e;
      standing.become(WorkerState.FAILED, e.toString());
      LOG.error("{} ended", id, e);
    } finally {
      // It may have ended by an interrupt: a client that closes with the flag up leaks, or does not
      // leave the group, and its partitions then wait for the session to end.
      Thread.interrupted();
      close();
    }
  }

  private void start() {
    guard = parts.openGuard(number);
    session = Sessions.create(parts, number, signal, () -> consumer);
    place.check();
    // Before any committed offset is trusted: a predecessor's transaction may be undecided.
    session.recover(Reaction.REBUILD_PRODUCERS);
    consumer = parts.openConsumer(number);
    holds = parts.processor().failures().holds();
    backPressure = new BackPressure(consumer, room, parts.rate(), holds);
    intake = parts.intake(consumer, tracks, backPressure, guard, signal);
    transactions = parts.transactions(consumer, tracks, session, size);
    polling = new Polling(consumer, recovery, tracks, intake, transactions, parts.rate());
    drain = new Drain(tracks, transactions, holds, signal, config.drainTimeout());
    positions = parts.positions(consumer, tracks);
    guard.adopt();
    consumer.subscribe(config.subscribed(), new RevocationListener(owner, this));
    stalls = new Stalls(id, config.handlerLimits().stallAfter(), System.nanoTime());
    standing.become(WorkerState.RUNNING, "");
  }

  /** One turn: poll, claim, hand over, send what is finished, commit what is due. */
  void runOnce() {
    owner.check();
    turnAt = System.nanoTime();
    try {
      if (recovery.isUnderWay()) {
        recoverOnce();
        return;
      }
      ConsumerRecords<byte[], byte[]> polled = polling.maybePoll();
      long now = System.nanoTime();
      session.prepareHandling(polled.nextOffsets());
      intake.accept(polled, now);
      intake.admit(now);
      boolean progressed = !polled.isEmpty();
      if (transactions.maybeTakeResult(now)) {
        recovery.postProgress();
        progressed = true;
      }
      progressed |= transactions.sendPrefixes(now);
      transactions.maybeCommit(now);
      backPressure.regulate(tracks, now);
      String stalled = stalls.look(tracks, now);
      standing.maybeShow(intake.guardTrouble().isEmpty() ? stalled : intake.guardTrouble());
      if (!progressed && polling.isSignalAwaited()) {
        signal.await(MOST_WAIT_NANOS);
      }
    } catch (TransactionFailure e) {
      handleFailure(e);
    }
  }

  /** Drops everything in memory; what to go on from is the broker's word (invariant 4). */
  private void handleFailure(TransactionFailure e) {
    parts.counters().aborts.increment();
    place.maybeGiveUp(e, consumer);
    if (e.isFinal()) {
      throw e;
    }
    LOG.warn("{}: {} after {}", id, e.reaction(), e.getMessage());
    if (e.getCause() instanceof InvalidOffsetException && !recovery.isUnderWay()) {
      // The log was cut before the position: what is in memory cannot be read again.
      drain.tryAll(id);
    }
    if (e.reaction() == Reaction.REBUILD_PRODUCERS) {
      parts.counters().rebuilds.increment();
    }
    if (transactions.discard()) {
      recovery.postProgress();
    }
    intake.clear();
    tracks.all().forEach(track -> track.rewind(track.committed()));
    holds.releaseClosed();
    backPressure.pauseAll(tracks);
    recovery.begin(e);
    standing.become(WorkerState.RECOVERING, e.getMessage());
  }

  private void recoverOnce() {
    recovery.poll(consumer, Duration.ofMillis(10));
    if (!recovery.isDue(System.nanoTime())) {
      return;
    }
    try {
      session.recover(recovery.reaction());
      guard.adopt();
      positions.rewind();
    } catch (TransactionFailure e) {
      if (e.isFinal()) {
        throw e;
      }
      recovery.postpone(e, System.nanoTime());
      if (!e.getMessage().equals(standing.status().trouble())) {
        LOG.warn("{}: cannot go on yet: {}", id, e.getMessage());
      }
      standing.become(WorkerState.RECOVERING, e.getMessage());
      return;
    }
    recovery.end();
    standing.become(WorkerState.RUNNING, "");
  }

  @Override
  public void handleAssigned(Collection<TopicPartition> assigned) {
    try {
      positions.assign(assigned);
    } catch (RuntimeException e) {
      recovery.raise(TransactionFailure.of(Phase.POLL, e));
    }
    if (recovery.isRaised() || recovery.isUnderWay()) {
      // This very poll must bring nothing: it would be dropped, and the consumer stand behind it.
      backPressure.pauseAll(tracks);
    }
    standing.refresh();
  }

  /** Invariant 5: drain, commit everything in one transaction, let go. */
  @Override
  public void handleRevoked(Collection<TopicPartition> revoked) {
    if (standing.state() == WorkerState.RUNNING && !recovery.isUnderWay()) {
      try {
        drain.run(revoked);
      } catch (TransactionFailure e) {
        recovery.raise(e);
      }
    }
    drop(revoked);
  }

  /** The partitions have other owners already: nothing of them may be committed. */
  @Override
  public void handleLost(Collection<TopicPartition> lost) {
    drop(lost);
    recovery.raise(
        new TransactionFailure(
            Phase.POLL,
            Reaction.ABORT_AND_REWIND,
            new IllegalStateException("partitions were lost: " + lost)));
  }

  /** Retries of what is let go end here, and what stands for a decision stands no longer. */
  private void drop(Collection<TopicPartition> partitions) {
    tracks.remove(partitions);
    holds.releaseClosed();
    standing.refresh();
  }

  private void stop() {
    standing.become(WorkerState.STOPPING, "");
    if (!recovery.isUnderWay() && drain.tryAll(id)) {
      place.maybeRelease(leaving, consumer);
    }
  }

  private void close() {
    if (holds != null) {
      tracks.remove(List.copyOf(tracks.partitions()));
      holds.releaseClosed();
    }
    QuietClose.close(id, "session", session);
    QuietClose.close(
        id, "consumer", consumer == null ? null : () -> place.close(leaving, failure, consumer));
    QuietClose.close(id, "guard", guard);
  }

  /**
   * From any thread; the worker sees it within its idle poll.
   *
   * @param membership whether it leaves the group at once, or may come back within its session
   */
  void requestStop(GroupMembershipOperation membership) {
    leaving = membership;
    stopRequested = true;
    signal.raise();
  }

  WorkerStatus status() {
    return standing.status().with(room.inFlight(), size.most());
  }

  /** When it last began a turn, in {@link System#nanoTime}'s time; from any thread. */
  long turnAt() {
    return turnAt;
  }

  /** Why it ended; null while it runs and after a clean stop. */
  Throwable failure() {
    return failure;
  }
}
