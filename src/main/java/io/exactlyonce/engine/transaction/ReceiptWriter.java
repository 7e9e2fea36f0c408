package io.exactlyonce.engine.transaction;

import io.exactlyonce.receipt.Receipt;
import io.exactlyonce.receipt.Receipts;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Makes the receipts of a worker's transactions. Their key is the worker's id, so they share a
 * partition and keep their order.
 */
public record ReceiptWriter(String topic, String worker, Clock clock) {
  /**
   * @param transactionalId of the producer that commits it; empty where that has none
   */
  ProducerRecord<byte[], byte[]> record(
      PendingTransaction.Sealed transaction, String transactionalId) {
    Receipt receipt = transaction.receipt(worker, transactionalId, clock.millis());
    return new ProducerRecord<>(
        topic, worker.getBytes(StandardCharsets.UTF_8), Receipts.write(receipt));
  }
}
