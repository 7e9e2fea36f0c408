package io.exactlyonce.engine.failure;

/** The worker's way on after a failure. */
public enum Reaction {
  /** Aborts the open transactions, and reads on from the committed offsets. */
  ABORT_AND_REWIND,
  /**
   * Aborts the open transactions and sends the same results again: none of them is committed, for
   * certain, and the worker may have kept all its partitions. Without transactions, or in a drain,
   * where no poll can bring the group's new generation, it is treated as ABORT_AND_REWIND.
   */
  ABORT_AND_RESEND,
  /**
   * Commits again: after a time-out the transaction may be committed. Where there is no answer
   * within the transaction timeout: REBUILD_PRODUCERS.
   */
  RETRY_COMMIT,
  /**
   * Closes the producers, makes new ones with the same transactional ids, whose initialization ends
   * what was open, and reads on from the committed offsets.
   */
  REBUILD_PRODUCERS,
  /** The worker ends and its pipeline starts another, with a back-off. */
  RESTART_WORKER,
  /** The worker ends and stays down until a setting, a permission or an offset is changed. */
  STOP
}
