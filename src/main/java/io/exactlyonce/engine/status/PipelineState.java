package io.exactlyonce.engine.status;

/** The states of a pipeline. */
public enum PipelineState {
  /** It waits for Kafka or Redis before its workers start. */
  WAITING,
  /** Its workers run, or are about to be started again. */
  RUNNING,
  /** Its workers finish what they hold. */
  STOPPING,
  /** It ended on request. */
  STOPPED,
  /** It ended with an error that an operator has to mend first. */
  FAILED
}
