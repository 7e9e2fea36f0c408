package io.exactlyonce.engine.transaction;

import io.exactlyonce.receipt.Receipt;
import io.exactlyonce.receipt.Receipts;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Turns receipts into records of the receipts topic. A worker's receipts share a key, and so a
 * partition and an order.
 */
public record ReceiptWriter(String topic) {
  ProducerRecord<byte[], byte[]> record(Receipt receipt) {
    return new ProducerRecord<>(
        topic, receipt.worker().getBytes(StandardCharsets.UTF_8), Receipts.write(receipt));
  }
}
