package io.exactlyonce.engine.status;

import java.util.List;

/**
 * Snapshot of a pipeline of this instance.
 *
 * @param trouble what it waits for or why it ended; empty while all is well
 * @param guardTrouble the part of it about the guard, whose store does not answer; empty while it
 *     does
 * @param warnings what works but should be changed
 * @param stops records at which its partitions stand until an operator decides
 */
public record PipelineStatus(
    String name,
    PipelineState state,
    String trouble,
    String guardTrouble,
    List<String> warnings,
    List<WorkerStatus> workers,
    List<StoppedPartition> stops) {

  /**
   * Whether a worker of this instance has the partition.
   *
   * @param partition as {@code payments-0}
   */
  public boolean has(String partition) {
    return workers.stream().anyMatch(worker -> worker.partitions().contains(partition));
  }

  /** Whether it processes records, or would if there were any. */
  public boolean isReady() {
    return state == PipelineState.RUNNING
        && trouble.isEmpty()
        && stops.isEmpty()
        && workers.stream().anyMatch(w -> w.state() == WorkerState.RUNNING)
        && workers.stream().allMatch(WorkerStatus::isWell);
  }

  /** Whether the guard's store does not answer, so that no claims are made. */
  public boolean isGuardAway() {
    return !guardTrouble.isEmpty();
  }

  /** The workers that ended and that nothing but an operator starts again. */
  public List<WorkerStatus> downWorkers() {
    return workers.stream().filter(WorkerStatus::staysDown).toList();
  }

  /**
   * Whether it should process records and does not, for another reason than a stopped partition, a
   * worker that stays down, or a guard that is away: each of these is told by itself. While the
   * guard is away the trouble of workers is taken to come from it.
   */
  public boolean isOtherwiseDown() {
    boolean isElse = !trouble.equals(guardTrouble);
    return switch (state) {
      case STOPPING, STOPPED -> false;
      case FAILED -> true;
      case WAITING -> isElse || !isGuardAway();
      case RUNNING -> isElse || (!isGuardAway() && areWorkersOtherwiseDown());
    };
  }

  private boolean areWorkersOtherwiseDown() {
    boolean isOneTroubled = workers.stream().anyMatch(w -> !w.staysDown() && !w.isWell());
    boolean isOneThere =
        workers.stream().anyMatch(w -> w.staysDown() || w.state() == WorkerState.RUNNING);
    return isOneTroubled || !isOneThere;
  }
}
