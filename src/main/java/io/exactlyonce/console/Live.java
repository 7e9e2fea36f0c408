package io.exactlyonce.console;

import io.micronaut.serde.annotation.Serdeable;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Sample of all pipelines, as JSON for the page.
 *
 * @param mayAct whether this instance accepts changes: an admin token is configured
 * @param since when this process made its sampler; the page sees a restart by it
 * @param events entries of the time line that are new or changed since the last sample; in the
 *     first sample of a viewer all of them
 * @param history of each pipeline by name; null except in the first sample of a viewer
 */
@Serdeable
record Live(
    Instant at,
    Instant since,
    boolean mayAct,
    List<OfPipeline> pipelines,
    List<TimeLine.Entry> events,
    @Nullable Map<String, OfHistory> history) {

  /**
   * Rates and lag of the last three minutes, one value a second.
   *
   * @param read records read a second
   * @param done records a second that came to an end
   * @param lag in records
   */
  @Serdeable
  record OfHistory(List<Double> read, List<Double> done, List<Double> lag) {}

  /**
   * State of a pipeline of this instance.
   *
   * @param pausedBy name of the operator who paused it; null where it is not paused
   * @param wantedWorkers number of workers that this instance should run
   * @param concurrency handler calls at once of each worker
   * @param guard whether there is one, with its window
   * @param claims state of the claims; null where there is no guard
   * @param others workers of other instances; empty while nobody watches, too
   * @param lag null before the first check
   * @param scaling the last decision; null where there was none
   */
  @Serdeable
  record OfPipeline(
      String name,
      String group,
      String instance,
      String state,
      String trouble,
      boolean ready,
      List<String> warnings,
      @Nullable String pausedBy,
      int wantedWorkers,
      int concurrency,
      String guard,
      @Nullable OfClaims claims,
      String delivery,
      List<OfWorker> workers,
      List<OfOther> others,
      List<OfStop> stops,
      List<OfAlert> alerts,
      @Nullable OfLag lag,
      @Nullable String scaling,
      Rates.Now rates,
      Totals totals) {}

  /**
   * State of the guard's claims in this instance.
   *
   * @param standing {@code KNOWN}, {@code REBUILDING} or {@code AWAY}
   * @param generation the generation that claims carry; empty while none is trusted
   * @param since when this state began
   */
  @Serdeable
  record OfClaims(String standing, String generation, Instant since) {}

  /**
   * A worker of this instance.
   *
   * @param trouble what it waits for or why it ended; empty while all is well
   * @param failures number of failures of the workers with this id
   * @param lastFailure why the last one failed; null where none did
   * @param records read and not yet sent
   * @param bytes of those records and of their outputs
   * @param paused partitions that are not read at the moment
   */
  @Serdeable
  record OfWorker(
      String worker,
      String state,
      List<String> partitions,
      String trouble,
      int failures,
      @Nullable String lastFailure,
      @Nullable Instant lastFailureAt,
      int records,
      long bytes,
      int paused) {}

  /**
   * A worker of another instance.
   *
   * @param lastCommit when it handed its last transaction over for commit; null where none of its
   *     receipts was seen
   */
  @Serdeable
  record OfOther(String worker, List<String> partitions, @Nullable Instant lastCommit) {}

  /**
   * A record at which its partition is stopped until an operator decides.
   *
   * @param attempts calls of the handler
   */
  @Serdeable
  record OfStop(String position, String reason, int attempts, Instant since) {}

  /** An alert that is raised. */
  @Serdeable
  record OfAlert(String alert, String severity, String reason, String remedy, Instant since) {}

  /**
   * Lag of the group at the last check.
   *
   * @param seconds of the partition that is furthest behind
   * @param cannotMeasure what could not be measured and why; empty where all could
   * @param more number of partitions that are not listed
   */
  @Serdeable
  record OfLag(
      Instant at,
      long records,
      double seconds,
      long heldBack,
      long lost,
      String cannotMeasure,
      List<OfPartition> partitions,
      int more) {}

  /**
   * Lag of a partition, whichever instance has it.
   *
   * @param owner client id of its owner; empty where it has none, null while that is not known
   * @param records lag in records
   * @param perSecond change of the lag in records a second
   * @param heldBack records that an open transaction holds back
   * @param open its transactional id, empty where no coordinator lists it; null where not known
   * @param committed the group's last decided offset; -1 where it has none
   * @param read offset of the next record that a worker of this instance reads; null where none has
   *     the partition
   */
  @Serdeable
  record OfPartition(
      String partition,
      String state,
      @Nullable String owner,
      long records,
      double seconds,
      double perSecond,
      long heldBack,
      @Nullable String open,
      long committed,
      @Nullable Long read) {}

  /** Counts since this process started the pipeline. */
  @Serdeable
  record Totals(
      long read,
      long processed,
      long skipped,
      long duplicates,
      long deadLetters,
      long outputs,
      long commits,
      long aborts,
      long handlerFailures,
      long claimFailures,
      long unguarded) {}
}
