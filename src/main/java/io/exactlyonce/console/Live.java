package io.exactlyonce.console;

import io.micronaut.serde.annotation.Serdeable;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the page is told each second.
 *
 * @param mayAct whether changes are possible here at all: an admin token is configured
 * @param since when this process began to look; another one after a restart
 * @param history of each pipeline by name; null but in the first that a viewer gets
 */
@Serdeable
record Live(
    Instant at,
    Instant since,
    boolean mayAct,
    List<OfPipeline> pipelines,
    List<TimeLine.Entry> events,
    @Nullable Map<String, OfHistory> history) {

  /** The last three minutes, a value for each second: records a second, and the lag in records. */
  @Serdeable
  record OfHistory(List<Double> read, List<Double> done, List<Double> lag) {}

  /**
   * A pipeline.
   *
   * @param pausedBy who paused it; null where it is not paused
   * @param others workers of other instances; empty too while nobody watches
   * @param claims how the guard's claims stand; null where there is no guard
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
   * The guard's claims, as this instance goes by them.
   *
   * @param standing {@code KNOWN}, {@code REBUILDING} or {@code AWAY}
   */
  @Serdeable
  record OfClaims(String standing, String generation, Instant since) {}

  /** A worker of this instance. */
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
   * @param lastCommit null where none of its receipts was seen yet
   */
  @Serdeable
  record OfOther(String worker, List<String> partitions, @Nullable Instant lastCommit) {}

  /** A record at which its partition stands until somebody decides. */
  @Serdeable
  record OfStop(String position, String reason, int attempts, Instant since) {}

  /** An alert that is raised. */
  @Serdeable
  record OfAlert(String alert, String severity, String reason, String remedy, Instant since) {}

  /**
   * How far the group is behind.
   *
   * @param more partitions that are not listed
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
   * A partition of the whole group.
   *
   * @param owner client id; empty where nobody owns it, null while it is not known
   * @param open id of the transaction that holds records back; null where there is none
   * @param committed the group's last decided offset; -1 where it has none
   * @param read the offset of the record that a worker of this instance reads next; null where none
   *     has the partition
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

  /** What was counted since the start. */
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
