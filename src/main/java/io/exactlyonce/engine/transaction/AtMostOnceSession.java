package io.exactlyonce.engine.transaction;

import io.exactlyonce.engine.failure.Reaction;
import io.exactlyonce.engine.topic.SameTopics;
import io.exactlyonce.receipt.OffsetMetadata;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * Commits the offsets of what a poll brought before any of it is handled. What a crash or a failed
 * send meets in between is gone, and no receipt accounts for it; a rebalance and a clean stop cost
 * nothing, since the worker first finishes what it holds.
 */
public record AtMostOnceSession(PlainCommit plain) implements TransactionSession {

  @Override
  public void recover(Reaction reaction) {
    plain.recover();
  }

  @Override
  public boolean commitsFirst() {
    return true;
  }

  @Override
  public void prepareHandling(Map<TopicPartition, OffsetAndMetadata> taken) {
    SameTopics.await(
        plain
            .sameTopics()
            .check(
                taken.values().stream()
                    .map(OffsetMetadata::topicId)
                    .flatMap(Optional::stream)
                    .toList()));
    plain.commitOffsets(taken);
  }

  @Override
  public void send(ProducerRecord<byte[], byte[]> record, Callback callback) {
    plain.send(record, callback);
  }

  @Override
  public CompletableFuture<CommitResult> commit(PendingTransaction.Sealed transaction) {
    return PlainCommit.result(transaction, () -> plain.flush(transaction));
  }

  @Override
  public void close() {
    plain.close();
  }
}
