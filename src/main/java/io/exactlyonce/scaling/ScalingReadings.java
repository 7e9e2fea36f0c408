package io.exactlyonce.scaling;

import io.exactlyonce.config.PipelineConfig;
import io.exactlyonce.engine.status.PipelineCounters;
import io.exactlyonce.engine.status.PipelineStatus;
import io.exactlyonce.engine.status.WorkerStatus;
import io.exactlyonce.lag.GroupLag;
import io.exactlyonce.lag.LagState;
import io.exactlyonce.lag.PartitionLag;
import io.exactlyonce.scaling.ScalingReading.Load;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Makes the scaler's readings of one pipeline, and finds causes of its lag that more workers would
 * not remove. It remembers the counters of the check before. One thread calls it.
 */
public final class ScalingReadings {
  /**
   * Failed handler calls per finished record above which retries are taken for the cause of the
   * lag.
   */
  private static final double STORM = 0.1;

  /** Part of the rate limit from which on the limit is taken for the cause of the lag. */
  private static final double AT_LIMIT = 0.9;

  private static final int CALM_PART = 10;

  private final PipelineConfig config;
  private @Nullable Instant lastAt;
  private long lastRead;
  private long lastDone;
  private long lastHandlerFailures;
  private long lastClaimFailures;

  public ScalingReadings(PipelineConfig config) {
    this.config = config;
  }

  /**
   * Makes the reading of a check.
   *
   * @param workers that are wanted of this instance now
   * @param concurrency that is wanted of each
   * @param counters of this instance, since it started
   */
  public ScalingReading of(
      Instant at,
      int workers,
      int concurrency,
      GroupLag lag,
      PipelineStatus status,
      PipelineCounters counters) {
    long read = counters.read.sum();
    long done = done(counters);
    long handlerFailures = counters.handlerFailures.sum();
    long claimFailures = counters.claimFailures.sum();
    boolean isFirst = lastAt == null;
    double seconds = isFirst ? 1 : Math.max(1, Duration.between(lastAt, at).toMillis()) / 1e3;
    String explained =
        explained(
            lag,
            status,
            isFirst ? 0 : claimFailures - lastClaimFailures,
            !isFirst && handlerFailures - lastHandlerFailures > STORM * (done - lastDone),
            isFirst ? 0 : (read - lastRead) / seconds);
    lastAt = at;
    lastRead = read;
    lastDone = done;
    lastHandlerFailures = handlerFailures;
    lastClaimFailures = claimFailures;
    double growth = lag.partitions().stream().mapToDouble(part -> part.trend().perSecond()).sum();
    return new ScalingReading(
        at,
        workers,
        concurrency,
        mostUseful(lag, status),
        status.has(config.source().get(0) + "-0"),
        load(lag),
        lag.records(),
        growth,
        done,
        explained);
  }

  private static long done(PipelineCounters counters) {
    return counters.processed.sum()
        + counters.skipped.sum()
        + counters.duplicates.sum()
        + counters.deadLetters.sum()
        + counters.passed.sum()
        + counters.delayed.sum();
  }

  private String explained(
      GroupLag lag,
      PipelineStatus status,
      long claimFailures,
      boolean isRetryStorm,
      double readPerSecond) {
    if (!status.stops().isEmpty()) {
      return "a partition waits for a decision at " + status.stops().get(0).position();
    }
    if (!status.isReady()) {
      return "the pipeline is not ready";
    }
    if (claimFailures > 0) {
      return "claim calls to the guard fail";
    }
    if (isRetryStorm) {
      return "handler calls fail and are tried again";
    }
    int limit = config.bounds().recordsPerSecond();
    if (limit > 0 && readPerSecond >= AT_LIMIT * limit) {
      return "rate-limit is " + limit + " records/s";
    }
    boolean allStalled =
        lag.partitions().stream()
            .filter(part -> part.records() > 0)
            .allMatch(part -> part.state() == LagState.STALLED);
    return allStalled && lag.records() > 0 ? "all partitions with a lag are stalled" : "";
  }

  /** Partitions of the source, less one for each worker of another instance. */
  private int mostUseful(GroupLag lag, PipelineStatus status) {
    Set<String> own =
        status.workers().stream().map(WorkerStatus::worker).collect(Collectors.toSet());
    long others =
        lag.partitions().stream()
            .map(PartitionLag::owner)
            .filter(owner -> owner != null && !owner.isEmpty() && !own.contains(owner))
            .distinct()
            .count();
    long partitions =
        lag.partitions().stream()
            .filter(part -> config.source().contains(part.partition().topic()))
            .count();
    return (int) Math.max(0, partitions - others);
  }

  private Load load(GroupLag lag) {
    PipelineConfig.Alerts limits = config.alerts();
    if (!lag.isMeasured()) {
      return Load.UNMEASURED;
    }
    if (isAbove(lag, limits.criticalRecords(), limits.criticalTime())) {
      return Load.CRITICAL;
    }
    if (isAbove(lag, limits.warningRecords(), limits.warningTime())) {
      return Load.BEHIND;
    }
    return isAbove(
            lag, limits.warningRecords() / CALM_PART, limits.warningTime().dividedBy(CALM_PART))
        ? Load.NORMAL
        : Load.CALM;
  }

  private static boolean isAbove(GroupLag lag, int records, Duration time) {
    return lag.records() > records || lag.seconds() > time.toMillis() / 1e3;
  }
}
