package io.exactlyonce.engine;

import static java.util.Objects.requireNonNull;

import io.exactlyonce.config.PipelineConfig.Restarts;
import io.exactlyonce.engine.handling.HandlerThreads;
import io.exactlyonce.engine.status.OldestRecord;
import io.exactlyonce.engine.status.WorkerFailures;
import io.exactlyonce.engine.status.WorkerState;
import io.exactlyonce.engine.status.WorkerStatus;
import io.exactlyonce.engine.worker.Worker;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.CloseOptions.GroupMembershipOperation;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One of the numbered places for a worker in a pipeline: its worker, that worker's restarts, and
 * its failures. A slot holds one worker at a time, since its transactional ids may have one owner
 * only: the next is made after the thread of the last has ended. The supervisor's thread alone
 * changes it; {@link #status} and {@link #oldest} may be called from any thread.
 */
final class WorkerSlot {
  /** A worker with its thread and its handler threads, which are shut down with it. */
  private record Life(Worker worker, Thread thread, HandlerThreads handlers) {}

  private static final Logger LOG = LoggerFactory.getLogger(WorkerSlot.class);

  private final String id;
  private final Function<HandlerThreads, Worker> workers;
  private final Supplier<HandlerThreads> executors;
  private final RestartPolicy policy;
  private final Duration stallAfter;
  private final Clock clock;
  private boolean failureTaken;
  private boolean isReplaced;
  private @Nullable Long restartAt;
  private String said = "";
  private volatile Life life;
  private volatile boolean leaving;
  private volatile WorkerFailures failures = WorkerFailures.NONE;
  private volatile String verdict = "";
  private volatile boolean stuck;
  private volatile boolean staysDown;

  /**
   * @param workers makes a worker whose handlers run on the threads it is given
   * @param stallAfter time without a turn after which a worker is reported as stuck
   */
  WorkerSlot(
      String id,
      Function<HandlerThreads, Worker> workers,
      Supplier<HandlerThreads> executors,
      Restarts restarts,
      Duration stallAfter,
      Clock clock) {
    this.id = id;
    this.workers = workers;
    this.executors = executors;
    this.policy = new RestartPolicy(restarts);
    this.stallAfter = stallAfter;
    this.clock = clock;
    start();
  }

  private void start() {
    HandlerThreads handlers = executors.get();
    Worker worker = workers.apply(handlers);
    Thread thread = new Thread(worker, id);
    failureTaken = false;
    isReplaced = false;
    stuck = false;
    staysDown = false;
    restartAt = null;
    verdict = "";
    life = new Life(worker, thread, handlers);
    thread.start();
  }

  String id() {
    return id;
  }

  /**
   * Has the worker finish its running handler calls, commit and end; {@link #maybeRestart} then
   * starts another.
   */
  void replace() {
    if (!leaving) {
      isReplaced = true;
      life.worker().requestStop(GroupMembershipOperation.DEFAULT);
    }
  }

  /** Sets the number of the current worker's handler threads where it differs. */
  void maybeResize(int concurrency) {
    if (life.handlers().size() != concurrency) {
      LOG.info("{}: {} handler calls at once", id, concurrency);
      life.handlers().resize(concurrency);
    }
  }

  /**
   * Starts another worker where the last was replaced or where its restart is due; checks a running
   * one for a stall.
   */
  void maybeRestart(long now) {
    if (leaving) {
      return;
    }
    if (life.thread().isAlive()) {
      watch(now);
    } else if (isReplaced) {
      life.handlers().shutdownNow();
      start();
    } else if (!failureTaken) {
      handleFailure(requireNonNull(life.worker().failure()), now);
    } else if (restartAt != null && now - restartAt >= 0) {
      start();
    }
  }

  /**
   * Logs the stack of a worker's thread that has made no turn for {@code stallAfter}, once per
   * stall, since a thread that is held inside a call cannot report itself. Its records wait; none
   * is lost.
   */
  private void watch(long now) {
    if (life.worker().status().state() == WorkerState.RUNNING) {
      said = "";
    }
    boolean isStuck = now - life.worker().turnAt() > stallAfter.toNanos();
    if (isStuck && !stuck) {
      List<String> at = Arrays.stream(life.thread().getStackTrace()).map(String::valueOf).toList();
      LOG.warn("{}: {}{}", id, stuckText(), "at " + String.join("\n\tat ", at));
    }
    // Set after the line is logged, so that the log has the stack before the status shows it.
    stuck = isStuck;
  }

  private String stuckText() {
    return "its poll loop has not run for more than " + stallAfter.toMillis() + "ms; ";
  }

  private void handleFailure(Throwable failure, long now) {
    failureTaken = true;
    life.handlers().shutdownNow();
    failures = failures.and(failure, clock.instant());
    FailureOrigin blame = FailureOrigin.of(failure);
    Optional<Duration> wait = policy.postFailure(blame, now);
    if (wait.isPresent()) {
      restartAt = now + wait.get().toNanos();
      verdict = "starts again in " + wait.get().toMillis() + "ms; it ended by ";
      maybeSay(verdict + failure);
    } else {
      verdict =
          blame == FailureOrigin.SETTING
              ? "stays down; fix the cause, then restart it (POST /pipelines/<name>/workers/"
                  + id
                  + "/restart) or the process: "
              : "stays down, restart.failures is reached: ";
      staysDown = true;
      LOG.error("{} {}{}", id, verdict, failure.toString());
    }
  }

  /** Logs the text unless it was the last one, so once where each start fails in the same way. */
  private void maybeSay(String text) {
    if (!text.equals(said)) {
      LOG.warn("{} {}", id, text);
    }
    said = text;
  }

  /**
   * Has the worker finish its running handler calls, commit and end; no other is started.
   *
   * @param membership whether it leaves the group at once
   */
  void leave(GroupMembershipOperation membership) {
    if (!leaving) {
      leaving = true;
      life.worker().requestStop(membership);
    }
  }

  /**
   * Shuts the handler threads down where the slot is empty.
   *
   * @return whether the slot was asked to leave and its worker has ended
   */
  boolean maybeVacate() {
    boolean empty = leaving && !life.thread().isAlive();
    if (empty) {
      life.handlers().shutdownNow();
    }
    return empty;
  }

  /** Returns when the worker has ended or the time has passed. */
  void await(Duration bound) throws InterruptedException {
    life.thread().join(Math.max(1, bound.toMillis()));
  }

  /**
   * Breaks the worker off. An executor counts as shut down before its threads are interrupted, so
   * the worker sees the shutdown before any handler returns because of the interrupt.
   */
  void close() {
    life.handlers().shutdownNow();
    life.thread().interrupt();
  }

  List<OldestRecord> oldest() {
    Life now = life;
    return now.thread().isAlive() ? now.worker().oldest() : List.of();
  }

  WorkerStatus status() {
    WorkerStatus status = life.worker().status().with(failures);
    if (status.state() == WorkerState.FAILED) {
      WorkerStatus told = status.withTrouble(verdict + status.trouble());
      return staysDown ? told.stayingDown() : told;
    }
    return stuck ? status.withTrouble(stuckText() + status.trouble()) : status;
  }
}
