package io.exactlyonce.engine.start;

import io.exactlyonce.config.PipelineConfig;
import java.util.List;

/** Finds workers for which the source topics have no partition. */
public final class IdleWorkers {
  private IdleWorkers() {}

  /**
   * One warning where there are more workers than partitions; otherwise none.
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
                    + " partitions, which leaves "
                    + (workers - partitions)
                    + " idle; add partitions or take fewer workers"));
  }
}
