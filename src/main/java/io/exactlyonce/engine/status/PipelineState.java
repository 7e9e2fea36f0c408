package io.exactlyonce.engine.status;

/** What a pipeline is about. */
public enum PipelineState {
  /** It waits for Kafka or Redis, and says for which. */
  WAITING,
  /** Its workers run, or are about to be started again. */
  RUNNING,
  /** Its workers finish. */
  STOPPING,
  /** It ended as it was asked to. */
  STOPPED,
  /** It ended because somebody has to change something first. */
  FAILED
}
