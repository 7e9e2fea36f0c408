package io.exactlyonce.engine;

import java.util.function.Function;
import org.apache.kafka.clients.producer.Producer;

/** The session that a pipeline's {@code delivery} asks for. */
final class Sessions {
  private Sessions() {}

  static TransactionSession create(WorkerParts parts, int worker, Signal signal) {
    String id = parts.config().workerId(worker);
    ReceiptWriter receipts = new ReceiptWriter(parts.config().receipts());
    Function<String, Producer<byte[], byte[]>> producers =
        side -> parts.clients().transactionalProducer(worker, side);
    return new ExactlyOnceSession(
        id,
        producers,
        receipts,
        parts.clock(),
        parts.config().commits().transactionTimeout(),
        signal);
  }
}
