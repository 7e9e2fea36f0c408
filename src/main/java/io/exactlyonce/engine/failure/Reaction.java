package io.exactlyonce.engine.failure;

/** What the worker does about a failure. */
public enum Reaction {
  /** Aborts what is open, goes back to the committed offsets and on from there. */
  ABORT_AND_REWIND,
  /**
   * Aborts what is open and sends the same results again, since for certain none is committed and
   * the partitions may all be kept. Without transactions, or while no poll can tell of the group's
   * new generation: ABORT_AND_REWIND.
   */
  ABORT_AND_RESEND,
  /** Commits again: a commit that timed out is not an abort. Past the bound: REBUILD_PRODUCERS. */
  RETRY_COMMIT,
  /**
   * Closes the producers, makes them anew under the same ids, which finishes or aborts what was
   * open, and goes on from the committed offsets.
   */
  REBUILD_PRODUCERS,
  /** The worker ends and its pipeline starts another, with a back-off. */
  RESTART_WORKER,
  /** The worker ends and stays down: somebody has to change something first. */
  STOP
}
