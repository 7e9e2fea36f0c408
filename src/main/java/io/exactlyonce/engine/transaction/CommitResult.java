package io.exactlyonce.engine.transaction;

import io.exactlyonce.engine.failure.TransactionFailure;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;

/** The result of one transaction's commit. */
sealed interface CommitResult {
  /** Outputs, offsets and receipt are durable and visible. */
  record Committed(PendingTransaction.Sealed transaction) implements CommitResult {}

  /** It failed, or its outcome is unknown: the group's committed offsets show which. */
  record NotCommitted(TransactionFailure failure) implements CommitResult {}

  /**
   * The group refused offsets of this generation: it is certain that nothing is committed. The same
   * results can be committed once the consumer has seen the group's new generation.
   */
  record Refused(TransactionFailure failure, ConsumerGroupMetadata group) implements CommitResult {
    /** Whether the consumer still has the generation that was refused. */
    boolean isOf(ConsumerGroupMetadata now) {
      return now.generationId() == group.generationId() && now.memberId().equals(group.memberId());
    }
  }
}
