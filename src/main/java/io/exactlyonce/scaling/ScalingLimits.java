package io.exactlyonce.scaling;

import io.exactlyonce.config.PipelineConfig;

/**
 * How far an instance is scaled.
 *
 * @param minWorkers below which it does not go
 * @param maxWorkers above which it does not go
 * @param minConcurrency of each worker, which is what is configured
 * @param maxConcurrency the same where the concurrency is not to be raised
 */
public record ScalingLimits(
    int minWorkers, int maxWorkers, int minConcurrency, int maxConcurrency) {
  public static ScalingLimits of(PipelineConfig config) {
    return new ScalingLimits(
        config.scaling().minWorkers(),
        config.scaling().maxWorkers(),
        config.concurrency(),
        config.scaling().maxConcurrency(config.concurrency()));
  }
}
