package io.exactlyonce.config;

import io.exactlyonce.config.value.ScalingMode;
import java.util.Map;

/**
 * Whether and how far an instance changes the number of its workers by itself.
 *
 * @param minWorkers of this instance
 * @param maxWorkers of this instance
 */
public record ScalingConfig(ScalingMode mode, int minWorkers, int maxWorkers) {
  private static final int MAX = 256;

  static final Setting<ScalingMode> MODE =
      Setting.choice(
          "scaling.mode",
          ScalingMode.OFF,
          ScalingMode.class,
          "Whether an instance changes the number of its workers by itself. workers: two more"
              + " while the lag is critical and grows, one fewer after a long calm.");
  static final Setting<Integer> MIN_WORKERS =
      Setting.count(
          "scaling.min-workers",
          "1",
          1,
          MAX,
          "Workers of this instance below which scaling does not go.");
  static final Setting<Integer> MAX_WORKERS =
      Setting.count(
          "scaling.max-workers",
          "8",
          1,
          MAX,
          "Workers of this instance above which scaling does not go.");

  static ScalingConfig read(String pipeline, Map<String, String> raw) {
    return new ScalingConfig(
        MODE.read(pipeline, raw), MIN_WORKERS.read(pipeline, raw), MAX_WORKERS.read(pipeline, raw));
  }

  void check(PipelineConfig config) {
    config.refuse(
        minWorkers > maxWorkers,
        MIN_WORKERS.key(),
        minWorkers,
        "must not be above scaling.max-workers (" + maxWorkers + ")");
    config.refuse(
        mode == ScalingMode.WORKERS
            && (config.workers() < minWorkers || config.workers() > maxWorkers),
        "workers",
        config.workers(),
        "must be from scaling.min-workers ("
            + minWorkers
            + ") to scaling.max-workers ("
            + maxWorkers
            + "), since scaling.mode is workers");
  }
}
