package io.exactlyonce.engine.status;

/** What a pipeline is doing. */
public enum PipelineState {
  /** It waits for Kafka or Redis before its workers start. */
  WAITING,
  /** Its workers run, or are about to be started again. */
  RUNNING,
  /** Its workers finish what they hold. */
  STOPPING,
  /** It ended on request. */
  STOPPED,
  /** It ended with an error that somebody has to mend first. */
  FAILED
}
