package io.exactlyonce.engine;

import io.exactlyonce.config.GuardChoice;
import io.exactlyonce.config.PipelineConfig;
import io.exactlyonce.guard.Guard;
import io.exactlyonce.receipt.ReceiptEnds;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.errors.NetworkException;

/**
 * What a pipeline gives each of its workers.
 *
 * @param rate the workers share it
 * @param handlers where this worker's handlers run: as many threads as {@code concurrency}
 * @param timer brings records back for their next attempt
 */
record WorkerParts(
    PipelineConfig config,
    Clients clients,
    RecordProcessor<?> processor,
    TopicIds topicIds,
    PipelineCounters counters,
    TopicLimits limits,
    RateLimit rate,
    Executor handlers,
    ScheduledExecutorService timer,
    Clock clock) {
  private static final Duration BROKER_CALL = Duration.ofSeconds(10);

  /** More than a transaction that is open in the receipts may take to be decided. */
  private static final Duration RECEIPTS = Duration.ofSeconds(60);

  /**
   * @throws Backend.UnreachableException where its store does not answer
   */
  Guard openGuard(int worker) {
    if (config.guard().store() == GuardChoice.OFF) {
      return Guard.off();
    }
    try {
      return clients.guard(worker);
    } catch (RuntimeException e) {
      throw new Backend.UnreachableException("the guard does not answer: " + e.getMessage(), e);
    }
  }

  /**
   * @throws Backend.UnreachableException where the brokers' names cannot be resolved
   */
  Consumer<byte[], byte[]> openConsumer(int worker) {
    try {
      return clients.consumer(worker);
    } catch (NetworkException e) {
      throw new Backend.UnreachableException(e.getMessage(), e);
    }
  }

  Positions positions(Consumer<byte[], byte[]> consumer, Tracks tracks) {
    ReceiptEnds receipts =
        new ReceiptEnds(clients::admin, clients::reader, config.receipts(), clock, RECEIPTS);
    return new Positions(config.group(), consumer, tracks, topicIds, receipts, BROKER_CALL);
  }

  Intake intake(
      Consumer<byte[], byte[]> consumer,
      Tracks tracks,
      BackPressure backPressure,
      Guard guard,
      Signal signal) {
    return new Intake(
        tracks,
        new DueGate(new GiveBack(consumer), processor.failures().delays()),
        backPressure,
        guard,
        Admission.of(config.guard(), clients.eventIds()),
        lanes(signal),
        signal,
        counters);
  }

  Transactions transactions(
      Consumer<byte[], byte[]> consumer,
      Tracks tracks,
      TransactionSession session,
      TransactionSize size) {
    return new Transactions(
        consumer,
        tracks,
        session,
        new CommitPolicy(config.commits(), size, limits::receiptBytes, System.nanoTime()),
        processor.failures().condemned(),
        processor.failures().holds(),
        counters);
  }

  private Lanes lanes(Signal signal) {
    return new Lanes(
        config.ordering(),
        () -> new Lane(processor, handlers, timer, signal),
        processor.batching() == null ? 1 : processor.batching().most());
  }
}
