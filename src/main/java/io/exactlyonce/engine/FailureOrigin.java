package io.exactlyonce.engine;

import io.exactlyonce.engine.failure.TransactionFailure;
import io.exactlyonce.engine.spi.Backend;

/** Origin of the failure that ended a worker, which decides whether it is started again. */
enum FailureOrigin {
  /**
   * Something that has to be changed first, such as a setting, a permission or an offset: another
   * start would end in the same way.
   */
  SETTING,
  /** Unknown, maybe the worker itself: it is started again a limited number of times. */
  WORKER,
  /** A backend did not answer while the worker started: it is started again without limit. */
  BACKEND;

  static FailureOrigin of(Throwable failure) {
    if (failure instanceof Backend.UnreachableException) {
      return BACKEND;
    }
    if (failure instanceof TransactionFailure transaction) {
      return switch (transaction.reaction()) {
        case STOP -> SETTING;
        case RESTART_WORKER -> WORKER;
        // A running worker recovers from these itself, so this one was still starting.
        case ABORT_AND_REWIND, ABORT_AND_RESEND, RETRY_COMMIT, REBUILD_PRODUCERS -> BACKEND;
      };
    }
    return WORKER;
  }
}
