package io.exactlyonce.engine;

import java.util.List;

/**
 * How a worker stands, as seen from outside.
 *
 * @param partitions assigned to it, as {@code topic-partition}
 * @param trouble what it waits for or why it ended; empty while all is well
 * @param failures of its predecessors in its place, and its own
 */
public record WorkerStatus(
    String worker,
    WorkerState state,
    List<String> partitions,
    String trouble,
    WorkerFailures failures) {

  WorkerStatus with(WorkerFailures inPlace) {
    return new WorkerStatus(worker, state, partitions, trouble, inPlace);
  }

  WorkerStatus withTrouble(String said) {
    return new WorkerStatus(worker, state, partitions, said, failures);
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
