package io.exactlyonce.engine.transaction;

import io.exactlyonce.engine.failure.Phase;
import io.exactlyonce.engine.failure.Reaction;
import io.exactlyonce.engine.failure.TransactionFailure;
import io.exactlyonce.engine.topic.SameTopics;
import io.exactlyonce.receipt.OffsetMetadata;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * Deliveries at-least-once and at-most-once: outputs and offsets without a transaction around them.
 * They differ in which of the two comes first.
 *
 * <p>At-least-once flushes outputs, then commits offsets. A crash between the two, or an abort,
 * writes outputs again; receipts overlap where that happened.
 *
 * <p>At-most-once commits the offsets of what a poll brought before any of it is handled. Records
 * that a crash or a failed send meets in between are lost, and no receipt accounts for them. A
 * rebalance and a clean stop lose none that is handled within {@code drain-timeout}.
 *
 * @param commitsFirst true for at-most-once
 * @param consumer the worker's; it does not exist yet when the session is made
 */
public record PlainSession(
    boolean commitsFirst,
    PlainProducer producer,
    Supplier<Consumer<byte[], byte[]>> consumer,
    ReceiptWriter receipts,
    SameTopics sameTopics)
    implements TransactionSession {

  @Override
  public void recover(Reaction reaction) {
    producer.recover();
  }

  @Override
  public void prepareHandling(Map<TopicPartition, OffsetAndMetadata> taken) {
    SameTopics.await(
        sameTopics.check(
            taken.values().stream()
                .map(OffsetMetadata::topicId)
                .flatMap(Optional::stream)
                .toList()));
    commitOffsets(taken);
  }

  @Override
  public void send(ProducerRecord<byte[], byte[]> record, Callback callback) {
    producer.send(record, callback);
  }

  /** Commits on the calling thread: the future is complete when this returns. */
  @Override
  public CompletableFuture<CommitResult> commit(PendingTransaction.Sealed transaction) {
    try {
      if (commitsFirst) {
        flush(transaction);
      } else {
        CompletableFuture<Void> same = sameTopics.check(transaction.topicIds());
        flush(transaction);
        SameTopics.await(same);
        commitOffsets(transaction.offsets());
      }
      return CompletableFuture.completedFuture(new CommitResult.Committed(transaction));
    } catch (TransactionFailure e) {
      return CompletableFuture.completedFuture(new CommitResult.NotCommitted(e));
    }
  }

  /** Writes the receipt and waits until it and all outputs are acknowledged. */
  private void flush(PendingTransaction.Sealed transaction) {
    producer.send(receipts.record(transaction, ""), transaction.refusals()::postReceipt);
    producer.flush();
  }

  private void commitOffsets(Map<TopicPartition, OffsetAndMetadata> offsets) {
    try {
      consumer.get().commitSync(offsets);
    } catch (RuntimeException e) {
      throw TransactionFailure.of(Phase.OFFSETS, e);
    }
  }

  @Override
  public void close() {
    producer.close();
  }
}
