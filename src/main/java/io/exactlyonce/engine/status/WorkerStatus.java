package io.exactlyonce.engine.status;

import java.util.List;
import java.util.Map;

/**
 * How a worker stands, as seen from outside.
 *
 * @param partitions assigned to it, as {@code topic-partition}
 * @param trouble what it waits for or why it ended; empty while all is well
 * @param failures of its predecessors in its place, and its own
 * @param transactionRecords what its next transaction takes at most
 * @param read by partition, the offset of the record that it reads next; partitions of which it is
 *     not known yet are absent
 */
public record WorkerStatus(
    String worker,
    WorkerState state,
    List<String> partitions,
    String trouble,
    WorkerFailures failures,
    InFlight inFlight,
    int transactionRecords,
    Map<String, Long> read) {

  public WorkerStatus(
      String worker,
      WorkerState state,
      List<String> partitions,
      String trouble,
      WorkerFailures failures) {
    this(worker, state, partitions, trouble, failures, InFlight.NONE, 0, Map.of());
  }

  public WorkerStatus with(WorkerFailures inPlace) {
    return new WorkerStatus(
        worker, state, partitions, trouble, inPlace, inFlight, transactionRecords, read);
  }

  public WorkerStatus withTrouble(String said) {
    return new WorkerStatus(
        worker, state, partitions, said, failures, inFlight, transactionRecords, read);
  }

  public WorkerStatus with(InFlight held, int size, Map<String, Long> positions) {
    return new WorkerStatus(worker, state, partitions, trouble, failures, held, size, positions);
  }

  /** Whether it works, or was asked to leave: neither is trouble. */
  boolean isWell() {
    return switch (state) {
      case RUNNING -> trouble.isEmpty();
      case STOPPING, STOPPED -> true;
      case STARTING, RECOVERING, FAILED -> false;
    };
  }
}
