package io.exactlyonce.engine.worker;

import io.exactlyonce.config.value.Delivery;
import io.exactlyonce.config.value.GuardChoice;
import io.exactlyonce.engine.handling.HandlerThreads;
import io.exactlyonce.engine.handling.Lane;
import io.exactlyonce.engine.handling.Lanes;
import io.exactlyonce.engine.inflight.Signal;
import io.exactlyonce.engine.inflight.Tracks;
import io.exactlyonce.engine.intake.Admission;
import io.exactlyonce.engine.intake.BackPressure;
import io.exactlyonce.engine.intake.ClaimQueue;
import io.exactlyonce.engine.intake.InFlightBudget;
import io.exactlyonce.engine.intake.Intake;
import io.exactlyonce.engine.intake.PromiseLimit;
import io.exactlyonce.engine.intake.RateLimit;
import io.exactlyonce.engine.intake.TopicCheck;
import io.exactlyonce.engine.spi.Backend;
import io.exactlyonce.engine.spi.Sizes;
import io.exactlyonce.engine.status.LogFields;
import io.exactlyonce.engine.topic.SameTopics;
import io.exactlyonce.engine.topic.TopicIds;
import io.exactlyonce.engine.transaction.CommitPolicy;
import io.exactlyonce.engine.transaction.TransactionSession;
import io.exactlyonce.engine.transaction.Transactions;
import io.exactlyonce.guard.Guard;
import io.exactlyonce.receipt.LastReceipts;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.errors.NetworkException;

/**
 * The parts that a worker gets from its pipeline.
 *
 * @param rate shared by the workers
 * @param handlers threads of this worker's handlers. Their shutdown tells the worker that it is
 *     broken off; its interrupt flag only ends waits, since user code on its thread may clear it
 * @param timer brings records back for their next attempt
 */
public record WorkerParts(
    PipelineParts pipeline,
    RateLimit rate,
    HandlerThreads handlers,
    ScheduledExecutorService timer) {
  /** Longer than a transaction that is open in the receipts may take to be decided. */
  private static final Duration RECEIPTS = Duration.ofSeconds(60);

  /**
   * @throws Backend.UnreachableException where its store does not answer
   */
  Guard openGuard(int worker) {
    try {
      return pipeline.clients().guard(worker);
    } catch (RuntimeException e) {
      throw new Backend.UnreachableException("the guard does not answer: " + e.getMessage(), e);
    }
  }

  /**
   * @throws Backend.UnreachableException where the brokers' names cannot be resolved
   */
  Consumer<byte[], byte[]> openConsumer(int worker) {
    try {
      return pipeline.clients().consumer(worker);
    } catch (NetworkException e) {
      throw new Backend.UnreachableException(String.valueOf(e.getMessage()), e);
    }
  }

  /** Tracks of no partitions yet. */
  Tracks tracks() {
    return new Tracks(pipeline.processor().failures().remembered(), handlers::isShutdown);
  }

  Positions positions(Consumer<byte[], byte[]> consumer, Tracks tracks, Guard guard) {
    String group = pipeline.config().group();
    TopicIds topicIds = pipeline.topicIds();
    LastReceipts receipts =
        new LastReceipts(
            pipeline.clients()::admin,
            pipeline.clients()::reader,
            pipeline.config().receipts(),
            pipeline.clock(),
            RECEIPTS);
    return new Positions(
        group,
        consumer,
        tracks,
        topicIds,
        new LookedUpReceipts(group, receipts, topicIds, WorkerParts::readReceipts),
        new FormerClaims(guard, receipts, topicIds, claimsAhead()));
  }

  /** Runs a bounded reading on a daemon thread, for which nothing waits at the worker's end. */
  private static void readReceipts(Runnable reading) {
    Thread thread = new Thread(LogFields.inherited(reading), "receipts-reader");
    thread.setDaemon(true);
    thread.start();
  }

  Intake intake(WorkerMemory own, BackPressure backPressure, Guard guard) {
    String group = pipeline.config().group();
    // At-most-once asks when it commits a poll's offsets, which is before the claims.
    SameTopics sameTopics = claimsAhead() ? pipeline.topicIds()::stillThere : null;
    return new Intake(
        group,
        own.tracks(),
        backPressure,
        Admission.of(pipeline.config().guard(), pipeline.clients().eventIds()),
        new ClaimQueue(
            guard,
            new TopicCheck(group, sameTopics, own.signal()),
            pipeline.config().guard().onFailure(),
            own.signal(),
            pipeline.counters()),
        lanes(own.signal()),
        pipeline.counters());
  }

  /** With batches a record weighs its event too, which is kept until its whole poll is sent. */
  BackPressure backPressure(
      Consumer<byte[], byte[]> consumer, InFlightBudget budget, TransactionSession session) {
    return new BackPressure(
        consumer,
        budget,
        rate,
        promiseLimit(session),
        pipeline.processor().failures().delays(),
        pipeline.processor().batching() == null ? Sizes::of : Sizes::withEvent);
  }

  /** Whether records are claimed whose offsets are not committed yet. */
  private boolean claimsAhead() {
    return pipeline.config().guard().store() != GuardChoice.OFF
        && pipeline.config().delivery() != Delivery.AT_MOST_ONCE;
  }

  /** Limits the records that are committed and not handled yet, which only at-most-once has. */
  PromiseLimit promiseLimit(TransactionSession session) {
    return session.commitsFirst()
        ? new PromiseLimit(handlers::size, pipeline.config().drainTimeout(), System.nanoTime())
        : PromiseLimit.none();
  }

  Transactions transactions(
      Consumer<byte[], byte[]> consumer,
      WorkerMemory own,
      Guard guard,
      TransactionSession session) {
    return new Transactions(
        consumer,
        own.tracks(),
        guard,
        session,
        new CommitPolicy(
            pipeline.config().commits(),
            own.size(),
            pipeline.limits()::receiptBytes,
            System.nanoTime()),
        pipeline.counters(),
        pipeline.clock());
  }

  private Lanes lanes(Signal signal) {
    return new Lanes(
        pipeline.config().ordering(),
        () -> new Lane(pipeline.processor(), handlers, timer, signal),
        pipeline.processor().batching() == null ? 1 : pipeline.processor().batching().most(),
        pipeline.processor().traced()::prepare);
  }
}
