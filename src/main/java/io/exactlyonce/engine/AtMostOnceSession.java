package io.exactlyonce.engine;

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
 * Commits the offsets of a poll before any of it is handled. What a crash or a failed send meets in
 * between is gone, and no receipt accounts for it.
 */
final class AtMostOnceSession implements TransactionSession {
  private final String worker;
  private final PlainProducer producer;
  private final Supplier<Consumer<byte[], byte[]>> consumer;
  private final ReceiptWriter receipts;
  private final Clock clock;

  AtMostOnceSession(
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
  public void prepareHandling(Map<TopicPartition, OffsetAndMetadata> polled) {
    if (polled.isEmpty()) {
      return;
    }
    try {
      consumer.get().commitSync(polled);
    } catch (RuntimeException e) {
      throw TransactionFailure.of(Phase.OFFSETS, e);
    }
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
      return CompletableFuture.completedFuture(new CommitResult.Committed(batch));
    } catch (TransactionFailure e) {
      return CompletableFuture.completedFuture(new CommitResult.NotCommitted(e));
    }
  }

  @Override
  public void close() {
    producer.close();
  }
}
