package io.exactlyonce.engine.transaction;

import io.exactlyonce.engine.failure.Reaction;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * Makes outputs and offsets durable, in the way of the pipeline's {@code delivery}. A worker owns
 * one session and calls it on its thread.
 */
public interface TransactionSession extends AutoCloseable {

  /**
   * Makes the producers ready, or resolves what a failure left: when it returns, nothing sent
   * before is undecided, so that the broker's committed offsets can be trusted.
   *
   * @param reaction what the failure calls for
   * @throws io.exactlyonce.engine.failure.TransactionFailure where that is not possible now; to be
   *     called again
   */
  void recover(Reaction reaction);

  /**
   * Whether offsets are committed before their records are handled. Then a record in memory cannot
   * be read again, so it is handled to its end before its partition is let go.
   */
  default boolean commitsFirst() {
    return false;
  }

  /**
   * Commits offsets before any of their records is handled, where {@link #commitsFirst}.
   *
   * @throws io.exactlyonce.engine.failure.TransactionFailure where it is not certain that they are
   *     committed: none of the records may be handled then
   */
  default void prepareHandling(Map<TopicPartition, OffsetAndMetadata> taken) {}

  /**
   * False while a record sent now could overtake one of the transaction before. The worker's signal
   * is raised when that is over.
   */
  default boolean maySend() {
    return true;
  }

  /**
   * Sends a record in the open transaction, which begins with its first record.
   *
   * @throws io.exactlyonce.engine.failure.TransactionFailure where the transaction cannot go on
   */
  void send(ProducerRecord<byte[], byte[]> record, Callback callback);

  /**
   * Hands over what was sent since the last commit; what is sent from then on belongs to the next
   * transaction. To be called only after the last commit's result was taken in.
   */
  CompletableFuture<CommitResult> commit(PendingTransaction.Sealed transaction);

  /**
   * Aborts the open and the refused transaction and keeps the producers: a fenced one fails, and
   * does not take its id over again. To be called only after {@link CommitResult.Refused}.
   *
   * @throws io.exactlyonce.engine.failure.TransactionFailure where that fails: then {@link
   *     #recover} is due
   */
  default void abort() {
    throw new IllegalStateException("nothing is refused without transactions");
  }

  @Override
  void close();
}
