package io.exactlyonce.scaling;

import io.exactlyonce.config.PipelineConfig;

/**
 * Limits between which an instance is scaled.
 *
 * @param minWorkers fewest workers
 * @param maxWorkers most workers
 * @param minConcurrency fewest handler calls at once of each worker: the configured ones
 * @param maxConcurrency most handler calls at once of each worker; equal to the fewest where they
 *     are not to be raised
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
