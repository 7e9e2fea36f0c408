package io.exactlyonce.console;

import io.exactlyonce.engine.Pipeline;
import io.exactlyonce.engine.status.AbortCause;
import io.exactlyonce.engine.status.PipelineCounters;
import io.exactlyonce.engine.status.PipelineStatus;
import io.exactlyonce.engine.status.Rebalances;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Status and counters of a pipeline at one moment; counts are since this process started it.
 *
 * @param nanos the moment in {@link System#nanoTime}'s time
 * @param claimSeconds time of all calls that claim event ids; {@code handlerSeconds} and {@code
 *     commitSeconds} likewise
 * @param rebalances the last ones of its workers, the newest last
 */
record Reading(
    Instant at,
    long nanos,
    PipelineStatus status,
    long read,
    long processed,
    long skipped,
    long duplicates,
    long deadLetters,
    long outputs,
    long commits,
    long aborts,
    Map<AbortCause, Long> abortsByCause,
    long rebuilds,
    long handlerFailures,
    long claimFailures,
    long unguarded,
    double claimSeconds,
    double handlerSeconds,
    double commitSeconds,
    List<Rebalances.Rebalance> rebalances) {

  static Reading of(Pipeline pipeline, Instant at, long nanos) {
    PipelineCounters counters = pipeline.counters();
    Map<AbortCause, Long> causes = new EnumMap<>(AbortCause.class);
    for (AbortCause cause : AbortCause.values()) {
      causes.put(cause, counters.aborts(cause).sum());
    }
    return new Reading(
        at,
        nanos,
        pipeline.status(),
        counters.read.sum(),
        counters.processed.sum(),
        counters.skipped.sum(),
        counters.duplicates.sum(),
        counters.deadLetters.sum(),
        counters.outputs.sum(),
        counters.commits.sum(),
        counters.aborts.sum(),
        causes,
        counters.rebuilds.sum(),
        counters.handlerFailures.sum(),
        counters.claimFailures.sum(),
        counters.unguarded.sum(),
        counters.claimTimes.snapshot().sum(),
        counters.handlerTimes.snapshot().sum(),
        counters.commitTimes.snapshot().sum(),
        counters.rebalances.recent());
  }

  long aborts(AbortCause cause) {
    return abortsByCause.getOrDefault(cause, 0L);
  }

  /** Records whose outcome is committed: processed, skipped, duplicates and dead letters. */
  long done() {
    return processed + skipped + duplicates + deadLetters;
  }
}
