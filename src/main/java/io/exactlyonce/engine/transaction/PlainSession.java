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
 * Outputs and offsets without a transaction around them: the deliveries below exactly-once. In
 * which order they come is the whole difference between the two.
 *
 * <p>At-least-once flushes outputs, then commits offsets. A crash between the two, or an abort,
 * writes outputs again; receipts overlap where that happened.
 *
 * <p>At-most-once commits the offsets of what a poll brought before any of it is handled. What a
 * crash or a failed send meets in between is gone, and no receipt accounts for it; a rebalance and
 * a clean stop cost nothing, since the worker first finishes what it holds.
 *
 * @param commitsFirst at-most-once
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

  /** Done when it returns: there is no committer beside the worker. */
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

  /** When it returns, the outputs and their receipt are written. */
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
