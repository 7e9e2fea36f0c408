package io.exactlyonce.engine.failure;

/**
 * What a worker was doing when a client threw. With the exception it decides the {@link Reaction}.
 */
public enum Phase {
  /**
   * A worker starts or recovers: producers are made, {@code initTransactions} ends what their
   * predecessors left open, and the generation of claims is adopted.
   */
  INIT,
  /** A transaction begins or a record is sent. */
  SEND,
  /** Offsets are sent to the transaction, or committed where there is none. */
  OFFSETS,
  /** The transaction is being committed: from here on the outcome may be unknown. */
  COMMIT,
  /** The transaction is being aborted. */
  ABORT,
  /** The consumer polls or asks for committed offsets. */
  POLL
}
