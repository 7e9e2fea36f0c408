package io.exactlyonce.alert;

import io.exactlyonce.engine.status.PipelineCounters;
import io.exactlyonce.engine.status.PipelineState;
import io.exactlyonce.engine.status.PipelineStatus;
import io.exactlyonce.lag.GroupLag;
import java.time.Instant;
import java.util.List;

/**
 * Input of a pipeline's alerts at one check.
 *
 * @param lag as the check found it
 * @param counters of this instance, since it started
 */
public record Reading(Instant at, GroupLag lag, PipelineStatus status, PipelineCounters counters) {
  /**
   * Whether the pipeline should be processing and does not. Stopped partitions do not count: they
   * have an alert of their own.
   */
  boolean isDown() {
    PipelineStatus otherwise =
        new PipelineStatus(
            status.name(),
            status.state(),
            status.trouble(),
            status.warnings(),
            status.workers(),
            List.of());
    return !otherwise.isReady()
        && status.state() != PipelineState.STOPPING
        && status.state() != PipelineState.STOPPED;
  }
}
