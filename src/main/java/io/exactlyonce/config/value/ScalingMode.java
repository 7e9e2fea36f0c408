package io.exactlyonce.config.value;

/** What an instance changes by itself when its pipeline is behind. */
public enum ScalingMode {
  OFF,
  /** The number of its workers. */
  WORKERS
}
