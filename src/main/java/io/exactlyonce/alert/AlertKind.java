package io.exactlyonce.alert;

import static io.exactlyonce.alert.AlertKind.Scope.GROUP;
import static io.exactlyonce.alert.AlertKind.Scope.INSTANCE;
import static io.exactlyonce.alert.Severity.CRITICAL;
import static io.exactlyonce.alert.Severity.WARNING;

/**
 * The alerts, each with its name in Prometheus's rules and in the manual's table, and what to do
 * about it.
 */
public enum AlertKind {
  PIPELINE_NOT_READY(
      "PipelineNotReady",
      CRITICAL,
      INSTANCE,
      "/health/readiness names what it waits for: Kafka, Redis, or a setting"),
  PIPELINE_WORKER_DOWN(
      "PipelineWorkerDown",
      CRITICAL,
      INSTANCE,
      "mend what its last failure names, then POST workers/<its id>/restart below /pipelines/<name>"),
  PIPELINE_GUARD_AWAY(
      "PipelineGuardAway",
      CRITICAL,
      INSTANCE,
      "bring back what does not answer, mostly Redis; nothing is lost, and it goes on by itself"),
  PIPELINE_PARTITION_STOPPED(
      "PipelinePartitionStopped",
      CRITICAL,
      INSTANCE,
      "look at /pipelines and decide: retry, skip or dead-letter"),
  PIPELINE_DEAD_LETTERS(
      "PipelineDeadLetters",
      WARNING,
      INSTANCE,
      "the command letters lists why; mend the cause, then replay"),
  PIPELINE_ABORTS(
      "PipelineAborts",
      WARNING,
      INSTANCE,
      "the log names the cause of each; often a broker or a handler that is too slow"),
  PIPELINE_REBALANCES(
      "PipelineRebalances",
      WARNING,
      INSTANCE,
      "check whether instances restart, or polls take longer than max.poll.interval.ms"),
  PIPELINE_UNGUARDED(
      "PipelineUnguarded", CRITICAL, INSTANCE, "bring Redis back, then run rebuild-guard"),
  PIPELINE_LAG(
      "PipelineLag",
      WARNING,
      GROUP,
      "GROWING: raise concurrency or workers; STALLED: /pipelines shows the reason"),
  PIPELINE_LAG_CRITICAL(
      "PipelineLagCritical",
      CRITICAL,
      GROUP,
      "as for PipelineLag, and check that the source is retained for longer than the lag"),
  PIPELINE_LAG_UNMEASURED(
      "PipelineLagUnmeasured", WARNING, GROUP, "look whether the broker that is named answers"),
  PIPELINE_HELD_BACK(
      "PipelineHeldBack",
      WARNING,
      GROUP,
      "end it in the producer with that transactional id; kafka-transactions.sh aborts a hanging"
          + " one"),
  PIPELINE_LOST(
      "PipelineLost",
      CRITICAL,
      GROUP,
      "raise retention.ms of the source; the command accept-loss writes the loss into a receipt"),
  PIPELINE_UNFINISHED(
      "PipelineUnfinished",
      CRITICAL,
      INSTANCE,
      "records were committed and not handled to their end (at-most-once); the log names them");

  /** Whether an alert is about the group or about an instance. */
  public enum Scope {
    /** Every instance finds the same, so one of them sends the message. */
    GROUP,
    /** Other instances cannot find it, so each sends its own message. */
    INSTANCE
  }

  private final String title;
  private final Severity severity;
  private final Scope scope;
  private final String remedy;

  AlertKind(String title, Severity severity, Scope scope, String remedy) {
    this.title = title;
    this.severity = severity;
    this.scope = scope;
    this.remedy = remedy;
  }

  public String title() {
    return title;
  }

  public Severity severity() {
    return severity;
  }

  public Scope scope() {
    return scope;
  }

  public String remedy() {
    return remedy;
  }
}
