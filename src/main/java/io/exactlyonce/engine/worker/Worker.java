package io.exactlyonce.engine.worker;

import io.exactlyonce.engine.failure.Reaction;
import io.exactlyonce.engine.status.LogFields;
import io.exactlyonce.engine.status.OldestRecord;
import io.exactlyonce.engine.status.WorkerState;
import io.exactlyonce.engine.status.WorkerStatus;
import io.exactlyonce.engine.transaction.TransactionSession;
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
  private final int number;
  private final WorkerMemory own;
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
    this.number = number;
    this.own = WorkerMemory.of(parts.pipeline(), number);
  }

  @Override
  public void run() {
    LogFields.of(parts.pipeline().config().name(), own.id(), this::live).run();
  }

  private void live() {
    try {
      start();
      while (!stopRequested) {
        loop.runOnce();
      }
      own.board().become(WorkerState.STOPPING, "");
      if (loop.drainAll()) {
        own.membership().maybeRelease(leaving, consumer);
      }
      own.board().become(WorkerState.STOPPED, "");
    } catch (Throwable e) { // the thread ends here; its pipeline shows the cause and starts another
      failure = e;
      own.board().become(WorkerState.FAILED, e.toString());
      LOG.error("{} ended", own.id(), e);
    } finally {
      // It may have ended by an interrupt: a client that closes with the flag up leaks, or does not
      // leave the group, and its partitions then wait for the session to end.
      Thread.interrupted();
      close();
    }
  }

  private void start() {
    guard = parts.openGuard(number);
    session = Sessions.create(parts.pipeline(), number, own.signal(), () -> consumer);
    own.membership().check();
    // Before any committed offset is trusted: a predecessor's transaction may be undecided.
    session.recover(Reaction.REBUILD_PRODUCERS);
    consumer = parts.openConsumer(number);
    loop = new WorkerLoop(parts, own, session, guard, consumer);
    loop.begin();
  }

  private void close() {
    if (loop != null) {
      loop.letGo(failure == null ? "within the time for a stop" : "when it ended");
    }
    QuietClose.close(own.id(), "session", session);
    QuietClose.close(
        own.id(),
        "consumer",
        consumer == null ? null : () -> own.membership().close(leaving, failure, consumer));
    QuietClose.close(own.id(), "guard", guard);
  }

  /**
   * From any thread; the worker sees it within its idle poll.
   *
   * @param membership whether it leaves the group at once, or may come back within its session
   */
  public void requestStop(GroupMembershipOperation membership) {
    leaving = membership;
    stopRequested = true;
    own.signal().raise();
  }

  public WorkerStatus status() {
    return own.board().status().with(own.budget().inFlight(), own.size().most());
  }

  /** The oldest unsent records of its partitions, as of a turn after the last call; never waits. */
  public List<OldestRecord> oldest() {
    return own.board().oldest();
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
