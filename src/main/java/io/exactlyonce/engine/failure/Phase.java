package io.exactlyonce.engine.failure;

/** What was being done when a client threw: half of what decides how the exception is treated. */
public enum Phase {
  /** Producers are made and {@code initTransactions} fences or finishes what they left. */
  INIT,
  /** A transaction begins or a record is sent. */
  SEND,
  /** Offsets are sent to the transaction. */
  OFFSETS,
  /** The transaction is being committed: from here on the outcome may be unknown. */
  COMMIT,
  /** The transaction is being aborted. */
  ABORT,
  /** The consumer polls or asks for committed offsets. */
  POLL
}
