package io.exactlyonce.engine.worker;

import io.exactlyonce.config.PipelineConfig;
import io.exactlyonce.engine.failure.Reaction;
import io.exactlyonce.engine.group.GroupMembership;
import io.exactlyonce.engine.inflight.Signal;
import io.exactlyonce.engine.inflight.Tracks;
import io.exactlyonce.engine.intake.InFlightBudget;
import io.exactlyonce.engine.status.LogFields;
import io.exactlyonce.engine.status.OldestRecord;
import io.exactlyonce.engine.status.WorkerState;
import io.exactlyonce.engine.status.WorkerStatus;
import io.exactlyonce.engine.transaction.TransactionSession;
import io.exactlyonce.engine.transaction.TransactionSize;
import io.exactlyonce.guard.Guard;
import java.util.List;
import org.apache.kafka.clients.consumer.CloseOptions.GroupMembershipOperation;
import org.apache.kafka.clients.consumer.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The life of a worker: opens its clients, runs its {@link WorkerLoop} until a stop is requested,
 * drains and closes them, all on one thread (invariant "one owner"). {@link #requestStop}, {@link
 * #status}, {@link #turnAt} and {@link #failure} may be called from any.
 */
public final class Worker implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

  private final WorkerParts parts;
  private final String id;
  private final int number;
  private final Signal signal = new Signal();
  private final Tracks tracks = new Tracks();
  private final StatusBoard standing;
  private final InFlightBudget room;
  private final TransactionSize size;
  private final GroupMembership place;
  private final long madeAt = System.nanoTime();
  private volatile boolean stopRequested;
  private volatile GroupMembershipOperation leaving = GroupMembershipOperation.DEFAULT;
  private volatile Throwable failure;

  // Made by the owner when it starts.
  private Consumer<byte[], byte[]> consumer;
  private Guard guard;
  private TransactionSession session;
  private volatile WorkerLoop loop;

  public Worker(WorkerParts parts, int number) {
    this.parts = parts;
    PipelineConfig config = parts.config();
    this.number = number;
    this.id = config.workerId(number);
    this.room = new InFlightBudget(config.bounds(), config.pollRecords());
    this.size = new TransactionSize(config.commits());
    this.standing = new StatusBoard(id, tracks);
    this.place = new GroupMembership(config, parts.clients(), number);
  }

  @Override
  public void run() {
    LogFields.of(parts.config().name(), id, this::live).run();
  }

  private void live() {
    try {
      start();
      while (!stopRequested) {
        loop.runOnce();
      }
      standing.become(WorkerState.STOPPING, "");
      if (loop.drainAll()) {
        place.maybeRelease(leaving, consumer);
      }
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
    loop =
        new WorkerLoop(
            parts, id, place, signal, tracks, room, size, standing, session, guard, consumer);
    loop.begin();
  }

  private void close() {
    if (loop != null) {
      loop.letGo(failure == null ? "within the time for a stop" : "when it ended");
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
  public void requestStop(GroupMembershipOperation membership) {
    leaving = membership;
    stopRequested = true;
    signal.raise();
  }

  public WorkerStatus status() {
    return standing.status().with(room.inFlight(), size.most());
  }

  /** The oldest unsent records of its partitions, as of a turn after the last call; never waits. */
  public List<OldestRecord> oldest() {
    return standing.oldest();
  }

  /** When it last began a turn, in {@link System#nanoTime}'s time; from any thread. */
  public long turnAt() {
    WorkerLoop begun = loop;
    return begun == null ? madeAt : begun.turnAt();
  }

  /** Why it ended; null while it runs and after a clean stop. */
  public Throwable failure() {
    return failure;
  }
}
