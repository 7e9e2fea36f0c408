package io.exactlyonce.engine;

import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Flushes outputs, then commits offsets. A crash between the two, or an abort, writes outputs
 * again; receipts overlap where that happened.
 */
record AtLeastOnceSession(PlainCommit plain) implements TransactionSession {

  @Override
  public void recover(Reaction reaction) {
    plain.recover();
  }

  @Override
  public void send(ProducerRecord<byte[], byte[]> record, Callback callback) {
    plain.send(record, callback);
  }

  @Override
  public CompletableFuture<CommitResult> commit(Batch.Sealed batch) {
    return PlainCommit.result(
        batch,
        () -> {
          plain.flush(batch);
          plain.commitOffsets(batch.offsets());
        });
  }

  @Override
  public void close() {
    plain.close();
  }
}
