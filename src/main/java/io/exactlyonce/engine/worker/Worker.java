package io.exactlyonce.engine.worker;

import static java.util.Objects.requireNonNull;

import io.exactlyonce.engine.failure.Reaction;
import io.exactlyonce.engine.status.LogFields;
import io.exactlyonce.engine.status.OldestRecord;
import io.exactlyonce.engine.status.WorkerHold;
import io.exactlyonce.engine.status.WorkerState;
import io.exactlyonce.engine.status.WorkerStatus;
import io.exactlyonce.engine.transaction.TransactionSession;
import io.exactlyonce.guard.Guard;
import java.util.List;
import org.apache.kafka.clients.consumer.CloseOptions.GroupMembershipOperation;
import org.apache.kafka.clients.consumer.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The life of a worker: opens its clients, runs its {@link WorkerLoop} until a stop is requested,
 * drains and closes them, all on one thread (invariant "one owner"). Any thread may call {@link
 * #requestStop}, {@link #status}, {@link #oldest}, {@link #turnAt} and {@link #failure}.
 */
public final class Worker implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

  private final WorkerParts parts;
  private final int number;
  private final WorkerMemory own;
  private final long madeAt = System.nanoTime();
  private volatile boolean stopRequested;
  private volatile GroupMembershipOperation leaving = GroupMembershipOperation.DEFAULT;
  private volatile @Nullable Throwable failure;

  // Made by the worker's thread when it starts.
  private @Nullable Consumer<byte[], byte[]> consumer;
  private @Nullable Guard guard;
  private @Nullable TransactionSession session;
  private volatile @Nullable WorkerLoop loop;

  public Worker(WorkerParts parts, int number) {
    this.parts = parts;
    this.number = number;
    this.own = WorkerMemory.of(parts, number);
  }

  @Override
  public void run() {
    LogFields.of(parts.pipeline().config().name(), own.id(), this::live).run();
  }

  private void live() {
    try {
      WorkerLoop turns = start();
      while (!stopRequested) {
        turns.runOnce();
      }
      stop(turns);
    } catch (Throwable e) { // the thread ends here; its pipeline shows the cause and starts another
      failure = e;
      own.board().become(WorkerState.FAILED, e.toString());
      LOG.error("{} ended", own.id(), e);
    } finally {
      // An interrupt may have ended it: a client that closes with the flag set leaks, or does not
      // leave the group, and its partitions then wait for the session to end.
      Thread.interrupted();
      close();
    }
  }

  private void stop(WorkerLoop turns) {
    own.board().become(WorkerState.STOPPING, "");
    if (turns.drainAll()) {
      own.membership().maybeRelease(leaving, requireNonNull(consumer));
    }
    own.board().become(WorkerState.STOPPED, "");
  }

  /** Each part is kept as soon as it is made, so that it is closed if the next one fails. */
  private WorkerLoop start() {
    Guard claims = parts.openGuard(number);
    guard = claims;
    TransactionSession commits =
        Sessions.create(parts.pipeline(), number, own.signal(), () -> requireNonNull(consumer));
    session = commits;
    own.membership().check();
    // Before any committed offset is trusted: a predecessor's transaction may be undecided.
    commits.recover(Reaction.REBUILD_PRODUCERS);
    Consumer<byte[], byte[]> records = parts.openConsumer(number);
    consumer = records;
    WorkerLoop turns = new WorkerLoop(parts, own, commits, claims, records);
    loop = turns;
    turns.begin(madeAt);
    return turns;
  }

  private void close() {
    WorkerLoop turns = loop;
    if (turns != null) {
      turns.letGo(failure == null ? "within the time for a stop" : "when it ended");
    }
    QuietClose.close(own.id(), "session", session);
    Consumer<byte[], byte[]> records = consumer;
    QuietClose.close(
        own.id(),
        "consumer",
        records == null ? null : () -> own.membership().close(leaving, failure, records));
    QuietClose.close(own.id(), "guard", guard);
  }

  /**
   * Requests a stop, from any thread; the worker sees it at the end of its turn.
   *
   * @param membership whether it leaves the group at once, or may come back within its session
   */
  public void requestStop(GroupMembershipOperation membership) {
    leaving = membership;
    stopRequested = true;
    own.signal().raise();
  }

  public WorkerStatus status() {
    return own.board()
        .status()
        .with(new WorkerHold(own.budget().inFlight(), own.size().most(), own.board().read()));
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
  public @Nullable Throwable failure() {
    return failure;
  }
}
