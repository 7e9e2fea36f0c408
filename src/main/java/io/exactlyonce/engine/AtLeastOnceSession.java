package io.exactlyonce.engine;

import java.time.Clock;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Flushes outputs, then commits offsets. A crash between the two, or an abort, writes outputs
 * again; receipts overlap where that happened.
 */
final class AtLeastOnceSession implements TransactionSession {
  private final String worker;
  private final PlainProducer producer;
  private final Supplier<Consumer<byte[], byte[]>> consumer;
  private final ReceiptWriter receipts;
  private final Clock clock;

  /**
   * @param consumer the worker's; it does not exist yet when the session is made
   */
  AtLeastOnceSession(
      String worker,
      PlainProducer producer,
      Supplier<Consumer<byte[], byte[]>> consumer,
      ReceiptWriter receipts,
      Clock clock) {
    this.worker = worker;
    this.producer = producer;
    this.consumer = consumer;
    this.receipts = receipts;
    this.clock = clock;
  }

  @Override
  public void recover(Reaction reaction) {
    producer.recover();
  }

  @Override
  public void send(ProducerRecord<byte[], byte[]> record, Callback callback) {
    producer.send(record, callback);
  }

  @Override
  public CompletableFuture<CommitResult> commit(Batch.Sealed batch) {
    try {
      producer.send(receipts.record(batch.receipt(worker, "", clock.millis())), null);
      producer.flush();
      commitOffsets(batch);
      return CompletableFuture.completedFuture(new CommitResult.Committed(batch));
    } catch (TransactionFailure e) {
      return CompletableFuture.completedFuture(new CommitResult.NotCommitted(e));
    }
  }

  private void commitOffsets(Batch.Sealed batch) {
    try {
      consumer.get().commitSync(batch.offsets());
    } catch (RuntimeException e) {
      throw TransactionFailure.of(Phase.OFFSETS, e);
    }
  }

  @Override
  public void close() {
    producer.close();
  }
}
