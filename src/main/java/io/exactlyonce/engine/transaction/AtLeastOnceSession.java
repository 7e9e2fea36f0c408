package io.exactlyonce.engine.transaction;

import io.exactlyonce.engine.failure.Reaction;
import io.exactlyonce.engine.topic.SameTopics;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Flushes outputs, then commits offsets. A crash between the two, or an abort, writes outputs
 * again; receipts overlap where that happened.
 */
public record AtLeastOnceSession(PlainCommit plain) implements TransactionSession {

  @Override
  public void recover(Reaction reaction) {
    plain.recover();
  }

  @Override
  public void send(ProducerRecord<byte[], byte[]> record, Callback callback) {
    plain.send(record, callback);
  }

  @Override
  public CompletableFuture<CommitResult> commit(PendingTransaction.Sealed transaction) {
    return PlainCommit.result(
        transaction,
        () -> {
          CompletableFuture<Void> same = plain.sameTopics().check(transaction.topicIds());
          plain.flush(transaction);
          SameTopics.await(same);
          plain.commitOffsets(transaction.offsets());
        });
  }

  @Override
  public void close() {
    plain.close();
  }
}
