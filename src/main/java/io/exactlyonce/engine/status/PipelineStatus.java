package io.exactlyonce.engine.status;

import java.util.List;

/**
 * Snapshot of a pipeline of this instance.
 *
 * @param trouble what it waits for or why it ended; empty while all is well
 * @param warnings what works but should be changed
 * @param stops records at which its partitions stand until an operator decides
 */
public record PipelineStatus(
    String name,
    PipelineState state,
    String trouble,
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
}
