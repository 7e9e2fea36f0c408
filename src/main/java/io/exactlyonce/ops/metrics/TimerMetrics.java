package io.exactlyonce.ops.metrics;

import io.exactlyonce.engine.Pipeline;
import io.exactlyonce.engine.status.Durations;
import io.exactlyonce.engine.status.PipelineCounters;
import io.exactlyonce.wiring.Pipelines;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.micronaut.context.BeanProvider;
import io.micronaut.context.event.BeanCreatedEvent;
import io.micronaut.context.event.BeanCreatedEventListener;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Durations as Prometheus histograms, read from the engine's own buckets at a scrape. Micrometer
 * has no meter that takes a histogram from elsewhere, and with its timers the engine would have a
 * dependency, and cost for each record more than an addition.
 */
@Singleton
final class TimerMetrics implements BeanCreatedEventListener<PrometheusMeterRegistry> {
  record Timed(String meter, String help, Function<PipelineCounters, Durations> of) {
    /** The name as Prometheus writes it. */
    String name() {
      return meter.replace('.', '_');
    }
  }

  static final List<Timed> TIMERS =
      List.of(
          new Timed(
              "pipeline.commit.seconds",
              "From the end of sending a transaction to the answer to its commit",
              counters -> counters.commitTimes),
          new Timed(
              "pipeline.claim.seconds",
              "Calls that claim event ids, those that failed included",
              counters -> counters.claimTimes),
          new Timed(
              "pipeline.handler.seconds",
              "What a record took its handler thread, by attempt",
              counters -> counters.handlerTimes),
          new Timed(
              "pipeline.end.to.end.seconds",
              "From a record's timestamp to the commit of its offset",
              counters -> counters.endToEndTimes),
          new Timed(
              "pipeline.rebalance.seconds",
              "From the first partition let go to the end of the assignment that followed",
              counters -> counters.rebalances.durations));

  private final BeanProvider<Pipelines> pipelines;

  /**
   * @param pipelines got at a scrape, and not before: see {@link PipelineMetrics}
   */
  TimerMetrics(BeanProvider<Pipelines> pipelines) {
    this.pipelines = pipelines;
  }

  @Override
  public PrometheusMeterRegistry onCreated(BeanCreatedEvent<PrometheusMeterRegistry> event) {
    PrometheusMeterRegistry registry = event.getBean();
    registry.getPrometheusRegistry().register((MultiCollector) this::collect);
    return registry;
  }

  private MetricSnapshots collect() {
    return new MetricSnapshots(TIMERS.stream().<MetricSnapshot>map(this::snapshot).toList());
  }

  private HistogramSnapshot snapshot(Timed timed) {
    HistogramSnapshot.Builder all = HistogramSnapshot.builder().name(timed.name()).help(timed.help);
    for (Pipeline pipeline : pipelines.get().all()) {
      all.dataPoint(
          point(pipeline.config().name(), timed.of.apply(pipeline.counters()).snapshot()));
    }
    return all.build();
  }

  private static HistogramDataPointSnapshot point(String pipeline, Durations.Snapshot snapshot) {
    List<Double> bounds = new ArrayList<>(snapshot.bounds());
    bounds.add(Double.POSITIVE_INFINITY);
    return HistogramDataPointSnapshot.builder()
        .labels(Labels.of("pipeline", pipeline))
        .classicHistogramBuckets(ClassicHistogramBuckets.of(bounds, List.copyOf(snapshot.counts())))
        .sum(snapshot.sum())
        .build();
  }
}
