package io.exactlyonce.config.value;

/** What an instance changes by itself when its pipeline is behind. */
public enum ScalingMode {
  OFF,
  /** Its workers' concurrency, where that may be raised, and the number of its workers. */
  WORKERS
}
