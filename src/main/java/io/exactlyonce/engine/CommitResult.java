package io.exactlyonce.engine;

/** What the committer says of a transaction that was handed to it. */
sealed interface CommitResult {
  /** Outputs, offsets and receipt are durable and visible. */
  record Committed(Batch.Sealed batch) implements CommitResult {}

  /** They are not, or nobody knows: only the broker's committed offsets tell. */
  record NotCommitted(TransactionFailure failure) implements CommitResult {}
}
