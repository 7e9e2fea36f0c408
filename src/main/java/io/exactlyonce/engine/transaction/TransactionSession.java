package io.exactlyonce.engine.transaction;

import io.exactlyonce.engine.failure.Reaction;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * How outputs and offsets become durable. One implementation for each {@code delivery}; a worker
 * owns one and calls it on its thread.
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
   * Whether offsets are committed before their records are handled, so that what is in memory
   * cannot be read again: it is handled to its end before it is let go.
   */
  default boolean commitsFirst() {
    return false;
  }

  /**
   * Where {@link #commitsFirst}: commits what was taken in, before any of it is handled.
   *
   * @throws io.exactlyonce.engine.failure.TransactionFailure where that is not certain: then none
   *     of it may be handled
   */
  default void prepareHandling(Map<TopicPartition, OffsetAndMetadata> taken) {}

  /**
   * False while a record sent now could overtake one of the transaction before; the session's
   * signal is raised when it no longer is.
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
   * Hands what was sent since the last commit over for commit; what is sent from now on belongs to
   * the next. Only after the last commit's result was seen.
   */
  CompletableFuture<CommitResult> commit(PendingTransaction.Sealed transaction);

  /**
   * Aborts what is open and what was refused, and nothing else: what comes next is sent with the
   * same producers, so a fence that they meet stays one. Only after {@link CommitResult.Refused}.
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
