package io.exactlyonce.engine;

import java.util.List;

/**
 * How a pipeline of this instance stands.
 *
 * @param trouble what it waits for or why it ended; empty while all is well
 */
public record PipelineStatus(
    String name, PipelineState state, String trouble, List<WorkerStatus> workers) {

  /** Whether it processes, or would if there were something to process. */
  public boolean isReady() {
    return state == PipelineState.RUNNING
        && !workers.isEmpty()
        && workers.stream()
            .allMatch(w -> w.state() == WorkerState.RUNNING && w.trouble().isEmpty());
  }
}
