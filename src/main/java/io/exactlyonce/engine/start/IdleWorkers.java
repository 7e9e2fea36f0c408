package io.exactlyonce.engine.start;

import io.exactlyonce.config.PipelineConfig;
import java.util.List;

/** Whether there is a partition for each worker. */
public final class IdleWorkers {
  private IdleWorkers() {}

  /**
   * The warning of workers without a partition; none where each can have one.
   *
   * @param partitions of all source topics together
   */
  public static List<StartWarning> find(PipelineConfig config, int workers, int partitions) {
    return workers <= partitions
        ? List.of()
        : List.of(
            new StartWarning(
                config.key("workers"),
                workers,
                config.source()
                    + " has "
                    + partitions
                    + " partitions, so "
                    + (workers - partitions)
                    + " of them stand idle; add partitions or take fewer workers"));
  }
}
