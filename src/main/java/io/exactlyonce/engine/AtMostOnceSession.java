package io.exactlyonce.engine;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * Commits the offsets of a poll before any of it is handled. What a crash or a failed send meets in
 * between is gone, and no receipt accounts for it.
 */
record AtMostOnceSession(PlainCommit plain) implements TransactionSession {

  @Override
  public void recover(Reaction reaction) {
    plain.recover();
  }

  @Override
  public void prepareHandling(Map<TopicPartition, OffsetAndMetadata> polled) {
    if (!polled.isEmpty()) {
      plain.commitOffsets(polled);
    }
  }

  @Override
  public void send(ProducerRecord<byte[], byte[]> record, Callback callback) {
    plain.send(record, callback);
  }

  @Override
  public CompletableFuture<CommitResult> commit(Batch.Sealed batch) {
    return PlainCommit.result(batch, () -> plain.flush(batch));
  }

  @Override
  public void close() {
    plain.close();
  }
}
