package io.exactlyonce.engine.worker;

import io.exactlyonce.config.value.Delivery;
import io.exactlyonce.engine.inflight.Signal;
import io.exactlyonce.engine.topic.SameTopics;
import io.exactlyonce.engine.transaction.ExactlyOnceSession;
import io.exactlyonce.engine.transaction.PlainProducer;
import io.exactlyonce.engine.transaction.PlainSession;
import io.exactlyonce.engine.transaction.ReceiptWriter;
import io.exactlyonce.engine.transaction.TransactionSession;
import io.exactlyonce.engine.transaction.TransactionalProducer;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;

/** Makes the session that a pipeline's {@code delivery} asks for. */
final class Sessions {
  private Sessions() {}

  /**
   * @param consumer the worker's, for the deliveries that commit offsets with it
   */
  static TransactionSession create(
      PipelineParts parts, int worker, Signal signal, Supplier<Consumer<byte[], byte[]>> consumer) {
    ReceiptWriter receipts =
        new ReceiptWriter(
            parts.config().receipts(), parts.config().workerId(worker), parts.clock());
    SameTopics sameTopics = parts.topicIds()::stillThere;
    return switch (parts.config().delivery()) {
      case EXACTLY_ONCE ->
          new ExactlyOnceSession(
              producer(parts, worker, "a"),
              producer(parts, worker, "b"),
              receipts,
              signal,
              sameTopics);
      case AT_LEAST_ONCE, AT_MOST_ONCE ->
          new PlainSession(
              parts.config().delivery() == Delivery.AT_MOST_ONCE,
              new PlainProducer(() -> parts.clients().plainProducer(worker)),
              consumer,
              receipts,
              sameTopics);
    };
  }

  private static TransactionalProducer producer(PipelineParts parts, int worker, String side) {
    return new TransactionalProducer(
        parts.config().transactionalId(worker, side),
        () -> parts.clients().transactionalProducer(worker, side),
        parts.config().commits().transactionTimeout(),
        parts.counters().unknownCommits);
  }
}
