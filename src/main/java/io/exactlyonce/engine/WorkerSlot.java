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
 * One worker's place in a pipeline: who holds it now, and how its holders failed. A place has one
 * holder at a time, since its transactional ids have: the next is made when the last one's thread
 * has ended. The pool's thread alone changes it; {@link #status} may be asked by any.
 */
final class WorkerSlot {
  /** From a worker's start to its end; its handler threads live no longer than it. */
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

  /**
   * @param workers makes a worker whose handlers run on the threads it is given
   * @param stallAfter when a worker that makes no turn is reported
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
    restartAt = null;
    verdict = "";
    life = new Life(worker, thread, handlers);
    thread.start();
  }

  String id() {
    return id;
  }

  /** The worker finishes what its handlers are at, commits and ends, and another follows it. */
  void replace() {
    if (!leaving) {
      isReplaced = true;
      life.worker().requestStop(GroupMembershipOperation.DEFAULT);
    }
  }

  /** Has its handlers called by so many threads at once; a worker that starts later too. */
  void maybeResize(int concurrency) {
    if (life.handlers().size() != concurrency) {
      LOG.info("{}: {} handler calls at once", id, concurrency);
      life.handlers().resize(concurrency);
    }
  }

  /** Starts another worker where one has failed and its time has come. */
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
   * A worker that is held inside a call cannot report itself; where it is held is said once. Its
   * records wait, and nothing of them is lost.
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
    // Behind the log: whoever sees the status finds there where the worker is held.
    stuck = isStuck;
  }

  private String stuckText() {
    return "its thread has made no turn for more than " + stallAfter.toMillis() + "ms; ";
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
              ? "stays down: mend this and start again: "
              : "stays down, restart.failures is reached: ";
      LOG.error("{} {}{}", id, verdict, failure.toString());
    }
  }

  /** Once, while worker after worker ends by the same as it starts. */
  private void maybeSay(String text) {
    if (!text.equals(said)) {
      LOG.warn("{} {}", id, text);
    }
    said = text;
  }

  /**
   * The worker finishes what its handlers are at, commits and ends.
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
   * Lets the handler threads go with the last worker.
   *
   * @return whether it was asked to leave and its worker has ended
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
   * Whatever it still does is broken off. An executor is shut down before its threads are
   * interrupted, so the worker knows of it before any handler returns because of it.
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
      return status.withTrouble(verdict + status.trouble());
    }
    return stuck ? status.withTrouble(stuckText() + status.trouble()) : status;
  }
}
