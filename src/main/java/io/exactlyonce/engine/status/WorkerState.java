package io.exactlyonce.engine.status;

import java.util.EnumSet;
import java.util.Set;

/** What a worker is about. */
public enum WorkerState {
  /** Its producers take their ids over; nothing was read yet. */
  STARTING,
  /** It polls, handles and commits. */
  RUNNING,
  /**
   * A transaction failed: what was in flight is dropped, partitions are paused, and polls only keep
   * the membership, until nothing of it is undecided and positions were read from the broker again.
   */
  RECOVERING,
  /** Intake ended; the prefix is committed, then the clients close. */
  STOPPING,
  /** It ended as it was asked to. */
  STOPPED,
  /** It ended by a failure; its pipeline decides whether another follows. */
  FAILED;

  private static final Set<WorkerState> ALIVE = EnumSet.of(STARTING, RUNNING, RECOVERING);

  /** Whether a worker in this state may go over to the next. */
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
