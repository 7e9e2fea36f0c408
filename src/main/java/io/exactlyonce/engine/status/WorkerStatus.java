package io.exactlyonce.engine.status;

import java.util.List;
import java.util.Map;

/**
 * Snapshot of a worker.
 *
 * @param partitions assigned to it, as {@code topic-partition}
 * @param trouble what it waits for or why it ended; empty while all is well
 * @param failures of the workers that had its id before, and its own
 * @param hold how much it holds, and where it reads
 * @param staysDown whether it ended and no other is started in its place until an operator asks
 */
public record WorkerStatus(
    String worker,
    WorkerState state,
    List<String> partitions,
    String trouble,
    WorkerFailures failures,
    WorkerHold hold,
    boolean staysDown) {

  public WorkerStatus(
      String worker,
      WorkerState state,
      List<String> partitions,
      String trouble,
      WorkerFailures failures) {
    this(worker, state, partitions, trouble, failures, WorkerHold.NONE, false);
  }

  public WorkerStatus with(WorkerFailures inPlace) {
    return new WorkerStatus(worker, state, partitions, trouble, inPlace, hold, staysDown);
  }

  public WorkerStatus withTrouble(String said) {
    return new WorkerStatus(worker, state, partitions, said, failures, hold, staysDown);
  }

  public WorkerStatus with(WorkerHold held) {
    return new WorkerStatus(worker, state, partitions, trouble, failures, held, staysDown);
  }

  /** The same of a worker that ended and stays down. */
  public WorkerStatus stayingDown() {
    return new WorkerStatus(worker, state, partitions, trouble, failures, hold, true);
  }

  public InFlight inFlight() {
    return hold.inFlight();
  }

  /** Next offset to read by partition, as {@link WorkerHold#read}. */
  public Map<String, Long> read() {
    return hold.read();
  }

  /** Whether it runs without trouble, or was asked to stop. */
  boolean isWell() {
    return switch (state) {
      case RUNNING -> trouble.isEmpty();
      case STOPPING, STOPPED -> true;
      case STARTING, RECOVERING, FAILED -> false;
    };
  }
}
