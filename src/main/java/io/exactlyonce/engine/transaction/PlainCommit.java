package io.exactlyonce.engine.transaction;

import io.exactlyonce.engine.failure.Phase;
import io.exactlyonce.engine.failure.TransactionFailure;
import io.exactlyonce.engine.topic.SameTopics;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * Outputs and offsets without a transaction around them: the steps of which the deliveries below
 * exactly-once are made. In which order they come is the whole difference between them.
 *
 * @param consumer the worker's; it does not exist yet when the session is made
 */
public record PlainCommit(
    String worker,
    PlainProducer producer,
    Supplier<Consumer<byte[], byte[]>> consumer,
    ReceiptWriter receipts,
    SameTopics sameTopics,
    Clock clock) {

  void recover() {
    producer.recover();
  }

  void send(ProducerRecord<byte[], byte[]> record, Callback callback) {
    producer.send(record, callback);
  }

  /** When it returns, the batch's outputs and its receipt are written. */
  void flush(PendingTransaction.Sealed transaction) {
    producer.send(
        receipts.record(transaction.receipt(worker, "", clock.millis())),
        transaction.refusals()::postReceipt);
    producer.flush();
  }

  void commitOffsets(Map<TopicPartition, OffsetAndMetadata> offsets) {
    try {
      consumer.get().commitSync(offsets);
    } catch (RuntimeException e) {
      throw TransactionFailure.of(Phase.OFFSETS, e);
    }
  }

  /** What the steps come to, at once: there is no committer beside the worker. */
  static CompletableFuture<CommitResult> result(
      PendingTransaction.Sealed transaction, Runnable steps) {
    try {
      steps.run();
      return CompletableFuture.completedFuture(new CommitResult.Committed(transaction));
    } catch (TransactionFailure e) {
      return CompletableFuture.completedFuture(new CommitResult.NotCommitted(e));
    }
  }

  void close() {
    producer.close();
  }
}
