package io.exactlyonce.engine;

import io.exactlyonce.engine.failure.TransactionFailure;
import io.exactlyonce.engine.spi.Backend;

/** Whose doing it is that a worker ended: what decides whether another start is worth it. */
enum FailureOrigin {
  /** Somebody has to change something first: another start would end the same way. */
  SETTING,
  /** Nobody knows; a few more starts will tell. */
  WORKER,
  /** A backend was away while it started: however long that takes, it is tried again. */
  BACKEND;

  static FailureOrigin of(Throwable failure) {
    if (failure instanceof Backend.UnreachableException) {
      return BACKEND;
    }
    if (failure instanceof TransactionFailure transaction) {
      return switch (transaction.reaction()) {
        case STOP -> SETTING;
        case RESTART_WORKER -> WORKER;
        // A running worker recovers from these by itself, so it was only starting.
        case ABORT_AND_REWIND, ABORT_AND_RESEND, RETRY_COMMIT, REBUILD_PRODUCERS -> BACKEND;
      };
    }
    return WORKER;
  }
}
