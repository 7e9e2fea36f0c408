package io.exactlyonce.config;

import io.exactlyonce.config.value.Ordering;
import io.exactlyonce.config.value.ScalingMode;
import java.util.Map;

/**
 * Whether and how far an instance changes its concurrency and the number of its workers by itself.
 *
 * @param minWorkers fewest workers of this instance
 * @param maxWorkers most workers of this instance
 * @param raisedConcurrency highest concurrency that scaling sets; 0: it does not raise it
 */
public record ScalingConfig(
    ScalingMode mode, int minWorkers, int maxWorkers, int raisedConcurrency) {
  private static final int MAX = 256;
  private static final int MAX_CONCURRENCY = 10_000;

  static final Setting<ScalingMode> MODE =
      Setting.choice(
          "scaling.mode",
          ScalingMode.OFF,
          ScalingMode.class,
          "Whether an instance scales by itself. workers: while the lag is critical, the"
              + " concurrency is doubled up to scaling.max-concurrency; if the lag then grows, two"
              + " workers are added at a time. After a long calm both are reduced step by step.");
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
  static final Setting<Integer> RAISED_CONCURRENCY =
      Setting.count(
          "scaling.max-concurrency",
          "0",
          0,
          MAX_CONCURRENCY,
          "Concurrency of each worker above which scaling does not go. 0: it stays as it is"
              + " configured. Needs ordering key or none.");

  static ScalingConfig read(String pipeline, Map<String, String> raw) {
    return new ScalingConfig(
        MODE.read(pipeline, raw),
        MIN_WORKERS.read(pipeline, raw),
        MAX_WORKERS.read(pipeline, raw),
        RAISED_CONCURRENCY.read(pipeline, raw));
  }

  /**
   * Highest concurrency that a worker may get.
   *
   * @param configured the concurrency that a worker starts with
   */
  public int maxConcurrency(int configured) {
    return Math.max(configured, raisedConcurrency);
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
    config.refuse(
        raisedConcurrency != 0 && raisedConcurrency < config.concurrency(),
        RAISED_CONCURRENCY.key(),
        raisedConcurrency,
        "must not be below concurrency (" + config.concurrency() + "); 0 leaves that as it is");
    config.refuse(
        raisedConcurrency > config.concurrency() && config.ordering() == Ordering.PARTITION,
        RAISED_CONCURRENCY.key(),
        raisedConcurrency,
        "needs ordering key or none: by partition one thread for each partition is all that helps");
  }
}
