package io.exactlyonce.ops;

import io.exactlyonce.engine.InFlight;
import io.exactlyonce.engine.Pipeline;
import io.exactlyonce.engine.PipelineCounters;
import io.exactlyonce.engine.PipelineStatus;
import io.exactlyonce.engine.WorkerState;
import io.exactlyonce.engine.WorkerStatus;
import io.exactlyonce.wiring.Pipelines;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import jakarta.inject.Singleton;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * What {@code /pipelines} shows, as metrics. Meters are made when the application is put together,
 * from the configured names; a pipeline that does not run yet counts nothing.
 */
@Singleton
final class PipelineMetrics implements MeterBinder {
  private static final Map<String, Function<PipelineCounters, LongAdder>> OUTCOMES =
      Map.of(
          "processed", counters -> counters.processed,
          "skipped", counters -> counters.skipped,
          "duplicate", counters -> counters.duplicates,
          "dead_letter", counters -> counters.deadLetters,
          "passed", counters -> counters.passed,
          "delayed", counters -> counters.delayed);

  private static final Map<String, Function<PipelineCounters, LongAdder>> COUNTERS =
      Map.of(
          "pipeline.read", counters -> counters.read,
          "pipeline.outputs", counters -> counters.outputs,
          "pipeline.commits", counters -> counters.commits,
          "pipeline.aborts", counters -> counters.aborts,
          "pipeline.rebuilds", counters -> counters.rebuilds,
          "pipeline.unknown.commits", counters -> counters.unknownCommits,
          "pipeline.handler.failures", counters -> counters.handlerFailures,
          "pipeline.claim.failures", counters -> counters.claimFailures,
          "pipeline.unguarded", counters -> counters.unguarded);

  private static final Map<String, ToDoubleFunction<PipelineStatus>> GAUGES =
      Map.of(
          "pipeline.ready", status -> status.isReady() ? 1 : 0,
          "pipeline.workers", PipelineMetrics::runningWorkers,
          "pipeline.partitions",
              status -> status.workers().stream().mapToInt(w -> w.partitions().size()).sum(),
          "pipeline.stops", status -> status.stops().size(),
          "pipeline.in.flight.records", status -> inFlight(status, InFlight::records),
          "pipeline.in.flight.bytes", status -> inFlight(status, InFlight::bytes),
          "pipeline.paused.partitions", status -> inFlight(status, InFlight::paused),
          "pipeline.transaction.records", PipelineMetrics::transactionRecords);

  private final Pipelines pipelines;

  PipelineMetrics(Pipelines pipelines) {
    this.pipelines = pipelines;
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    for (String name : pipelines.names()) {
      COUNTERS.forEach(
          (meter, counter) ->
              counter(meter, name, counter).tag("pipeline", name).register(registry));
      OUTCOMES.forEach(
          (outcome, counter) ->
              counter("pipeline.records", name, counter)
                  .tags("pipeline", name, "outcome", outcome)
                  .register(registry));
      GAUGES.forEach(
          (meter, gauge) ->
              Gauge.builder(
                      meter,
                      pipelines,
                      all -> find(name).map(Pipeline::status).map(gauge::applyAsDouble).orElse(0.0))
                  .tag("pipeline", name)
                  .register(registry));
    }
  }

  private FunctionCounter.Builder<Pipelines> counter(
      String meter, String name, Function<PipelineCounters, LongAdder> counter) {
    return FunctionCounter.builder(
        meter,
        pipelines,
        all -> find(name).map(p -> (double) counter.apply(p.counters()).sum()).orElse(0.0));
  }

  private Optional<Pipeline> find(String name) {
    return pipelines.all().stream().filter(each -> each.status().name().equals(name)).findFirst();
  }

  private static double inFlight(PipelineStatus status, ToDoubleFunction<InFlight> what) {
    return status.workers().stream().map(WorkerStatus::inFlight).mapToDouble(what).sum();
  }

  /** The worker with the slowest broker. */
  private static double transactionRecords(PipelineStatus status) {
    return status.workers().stream().mapToInt(WorkerStatus::transactionRecords).min().orElse(0);
  }

  private static double runningWorkers(PipelineStatus status) {
    return status.workers().stream().filter(w -> w.state() == WorkerState.RUNNING).count();
  }
}
