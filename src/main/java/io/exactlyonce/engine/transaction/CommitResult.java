package io.exactlyonce.engine.transaction;

import io.exactlyonce.engine.failure.TransactionFailure;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;

/** What the committer says of a transaction that was handed to it. */
sealed interface CommitResult {
  /** Outputs, offsets and receipt are durable and visible. */
  record Committed(PendingTransaction.Sealed transaction) implements CommitResult {}

  /** They are not, or nobody knows: only the broker's committed offsets tell. */
  record NotCommitted(TransactionFailure failure) implements CommitResult {}

  /**
   * The group took no offsets of this member's generation, so nothing is committed, for certain: it
   * has moved on, and the same can be committed as soon as the consumer has seen that too.
   */
  record Refused(TransactionFailure failure, ConsumerGroupMetadata group) implements CommitResult {
    /** Whether the consumer is still of the generation that was refused. */
    boolean isOf(ConsumerGroupMetadata now) {
      return now.generationId() == group.generationId() && now.memberId().equals(group.memberId());
    }
  }
}
