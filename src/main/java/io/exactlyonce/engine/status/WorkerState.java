package io.exactlyonce.engine.status;

import java.util.EnumSet;
import java.util.Set;

/** The states of a worker. */
public enum WorkerState {
  /** Its producers take over their transactional ids; nothing is read yet. */
  STARTING,
  /** It polls, handles and commits. */
  RUNNING,
  /**
   * A transaction failed: records in flight are dropped, partitions are paused, and polls only keep
   * the membership, until the transaction is decided and positions were read from the broker again.
   */
  RECOVERING,
  /** It polls no more, commits what is finished and closes its clients. */
  STOPPING,
  /** It ended on request. */
  STOPPED,
  /** It ended with a failure; its pipeline decides whether another worker follows. */
  FAILED;

  private static final Set<WorkerState> ALIVE = EnumSet.of(STARTING, RUNNING, RECOVERING);

  /** Whether this state may be followed by the next. */
  public boolean mayBecome(WorkerState next) {
    return switch (this) {
      case STARTING -> next == RUNNING || next == RECOVERING || next == STOPPING || next == FAILED;
      case RUNNING -> next == RECOVERING || next == STOPPING || next == FAILED;
      case RECOVERING -> next == RUNNING || next == STOPPING || next == FAILED;
      case STOPPING -> next == STOPPED || next == FAILED;
      case STOPPED, FAILED -> false;
    };
  }

  public boolean isAlive() {
    return ALIVE.contains(this);
  }
}
