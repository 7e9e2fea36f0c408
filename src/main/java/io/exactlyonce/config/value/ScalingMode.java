package io.exactlyonce.config.value;

/** The scaling that an instance does by itself when its pipeline is behind. */
public enum ScalingMode {
  OFF,
  /**
   * It changes its workers' concurrency, where that may be raised, and the number of its workers.
   */
  WORKERS
}
