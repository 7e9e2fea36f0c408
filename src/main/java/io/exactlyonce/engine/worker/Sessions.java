package io.exactlyonce.engine.worker;

import io.exactlyonce.engine.inflight.Signal;
import io.exactlyonce.engine.topic.SameTopics;
import io.exactlyonce.engine.transaction.AtLeastOnceSession;
import io.exactlyonce.engine.transaction.AtMostOnceSession;
import io.exactlyonce.engine.transaction.ExactlyOnceSession;
import io.exactlyonce.engine.transaction.PlainCommit;
import io.exactlyonce.engine.transaction.PlainProducer;
import io.exactlyonce.engine.transaction.ReceiptWriter;
import io.exactlyonce.engine.transaction.TransactionSession;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;

/** The session that a pipeline's {@code delivery} asks for. */
final class Sessions {
  private Sessions() {}

  /**
   * @param consumer the worker's, for the deliveries that commit offsets with it
   */
  static TransactionSession create(
      PipelineParts parts, int worker, Signal signal, Supplier<Consumer<byte[], byte[]>> consumer) {
    String id = parts.config().workerId(worker);
    ReceiptWriter receipts = new ReceiptWriter(parts.config().receipts());
    SameTopics sameTopics = parts.topicIds()::stillThere;
    PlainCommit plain =
        new PlainCommit(
            id,
            new PlainProducer(() -> parts.clients().plainProducer(worker)),
            consumer,
            receipts,
            sameTopics,
            parts.clock());
    return switch (parts.config().delivery()) {
      case EXACTLY_ONCE ->
          new ExactlyOnceSession(
              id,
              side -> parts.config().transactionalId(worker, side),
              side -> parts.clients().transactionalProducer(worker, side),
              receipts,
              parts.clock(),
              parts.config().commits().transactionTimeout(),
              parts.counters().unknownCommits,
              signal,
              sameTopics);
      case AT_LEAST_ONCE -> new AtLeastOnceSession(plain);
      case AT_MOST_ONCE -> new AtMostOnceSession(plain);
    };
  }
}
