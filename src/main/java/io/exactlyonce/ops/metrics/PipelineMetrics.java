package io.exactlyonce.ops.metrics;

import io.exactlyonce.engine.Pipeline;
import io.exactlyonce.engine.status.AbortCause;
import io.exactlyonce.engine.status.InFlight;
import io.exactlyonce.engine.status.PipelineCounters;
import io.exactlyonce.engine.status.PipelineStatus;
import io.exactlyonce.engine.status.Rebalances;
import io.exactlyonce.engine.status.WorkerState;
import io.exactlyonce.engine.status.WorkerStatus;
import io.exactlyonce.wiring.PipelineProperties;
import io.exactlyonce.wiring.Pipelines;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micronaut.context.BeanProvider;
import jakarta.inject.Singleton;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * Metrics of the status and the counters that {@code /pipelines} shows. Meters are made when the
 * application context starts, from the configured names; a pipeline that does not run yet counts
 * nothing.
 */
@Singleton
final class PipelineMetrics implements MeterBinder {
  /** A counter; those of one name differ in their tags. */
  record Counted(
      String meter, String help, Tags tags, Function<PipelineCounters, LongAdder> counter) {
    static Counted of(String meter, String help, Function<PipelineCounters, LongAdder> counter) {
      return new Counted(meter, help, Tags.empty(), counter);
    }

    static Counted outcome(String outcome, Function<PipelineCounters, LongAdder> counter) {
      return new Counted(
          "pipeline.records",
          "Records by what became of them",
          Tags.of("outcome", outcome),
          counter);
    }

    static Counted aborts(AbortCause cause) {
      return new Counted(
          "pipeline.aborts",
          "Transactions aborted, by cause",
          Tags.of("cause", cause.text()),
          counters -> counters.aborts(cause));
    }

    static Counted partitions(String change, Function<Rebalances, LongAdder> counter) {
      return new Counted(
          "pipeline.rebalance.partitions",
          "Partitions that workers were assigned, had revoked and lost in rebalances",
          Tags.of("change", change),
          counters -> counter.apply(counters.rebalances));
    }

    static Counted effects(String source, Function<PipelineCounters, LongAdder> counter) {
      return new Counted(
          "pipeline.effects",
          "Effects of handlers by where their result came from",
          Tags.of("source", source),
          counter);
    }
  }

  /**
   * @param unknown value while the pipeline does not run yet
   */
  private record Measured(
      String meter, String help, double unknown, ToDoubleFunction<Pipeline> gauge) {
    static Measured of(String meter, String help, ToDoubleFunction<PipelineStatus> gauge) {
      return new Measured(meter, help, 0, pipeline -> gauge.applyAsDouble(pipeline.status()));
    }
  }

  private static final List<Counted> PLAIN_COUNTERS =
      List.of(
          Counted.outcome("processed", counters -> counters.processed),
          Counted.outcome("skipped", counters -> counters.skipped),
          Counted.outcome("duplicate", counters -> counters.duplicates),
          Counted.outcome("dead_letter", counters -> counters.deadLetters),
          Counted.outcome("passed", counters -> counters.passed),
          Counted.outcome("delayed", counters -> counters.delayed),
          Counted.of("pipeline.read", "Records read, aborted work included", c -> c.read),
          Counted.of("pipeline.outputs", "Records written and committed", c -> c.outputs),
          Counted.of("pipeline.commits", "Transactions committed", c -> c.commits),
          Counted.of(
              "pipeline.rebuilds",
              "Times a worker recreated its producers, after a fence or another fatal error",
              c -> c.rebuilds),
          Counted.of(
              "pipeline.rebalances",
              "Times that the group gave a worker its partitions",
              c -> c.rebalances.count),
          Counted.partitions("assigned", rebalances -> rebalances.assigned),
          Counted.partitions("revoked", rebalances -> rebalances.revoked),
          Counted.partitions("lost", rebalances -> rebalances.lost),
          Counted.of(
              "pipeline.unknown.commits",
              "Transactions whose commit the broker did not answer in time; each was repeated or"
                  + " decided anew",
              c -> c.unknownCommits),
          Counted.of(
              "pipeline.handler.failures",
              "Calls of handlers that threw, each attempt counted",
              c -> c.handlerFailures),
          Counted.of(
              "pipeline.retries",
              "Attempts of handlers made again, without those by way of a retry topic",
              c -> c.retries),
          Counted.effects("call", c -> c.effectsCalled),
          Counted.effects("memory", c -> c.effectsRemembered),
          Counted.of("pipeline.claim.failures", "Claim calls that failed", c -> c.claimFailures),
          Counted.of(
              "pipeline.unguarded", "Records handled without a claim (bypass)", c -> c.unguarded),
          Counted.of(
              "pipeline.lost",
              "Records committed and not handled to their end (at-most-once)",
              c -> c.lost));

  static final List<Counted> COUNTERS =
      Stream.concat(
              PLAIN_COUNTERS.stream(), Arrays.stream(AbortCause.values()).map(Counted::aborts))
          .toList();

  private static final List<Measured> GAUGES =
      List.of(
          Measured.of(
              "pipeline.ready",
              "1 while the pipeline processes, or would if there were records to read",
              status -> status.isReady() ? 1 : 0),
          new Measured(
              "pipeline.otherwise.down",
              "1 while it is not ready for a reason without a metric of its own",
              1,
              pipeline -> pipeline.status().isOtherwiseDown() ? 1 : 0),
          Measured.of(
              "pipeline.guard.away",
              "1 while the guard's store does not answer",
              status -> status.isGuardAway() ? 1 : 0),
          Measured.of("pipeline.workers", "Workers that run", PipelineMetrics::runningWorkers),
          Measured.of(
              "pipeline.workers.down",
              "Workers that ended and stay down",
              status -> status.downWorkers().size()),
          Measured.of(
              "pipeline.partitions",
              "Partitions that this instance has",
              status -> status.workers().stream().mapToInt(w -> w.partitions().size()).sum()),
          Measured.of(
              "pipeline.stops",
              "Records at which a partition is stopped until an operator decides",
              status -> status.stops().size()),
          Measured.of(
              "pipeline.in.flight.records",
              "Records read whose results are not sent yet",
              status -> inFlight(status, InFlight::records)),
          Measured.of(
              "pipeline.in.flight.bytes",
              "Bytes of the records read whose results are not sent yet, and of their outputs",
              status -> inFlight(status, InFlight::bytes)),
          Measured.of(
              "pipeline.paused.partitions",
              "Partitions that are not read at present, for whatever reason",
              status -> inFlight(status, InFlight::paused)),
          Measured.of(
              "pipeline.transaction.records",
              "Records that a transaction takes at most, as the slowest worker's broker allows",
              PipelineMetrics::transactionRecords),
          new Measured(
              "pipeline.rebalance.age.seconds",
              "Seconds since a worker last completed a rebalance",
              Double.NaN,
              pipeline -> pipeline.counters().rebalances.secondsSinceLast(System.nanoTime())));

  private final PipelineProperties properties;
  private final BeanProvider<Pipelines> pipelines;

  /**
   * @param pipelines got when a meter is read, and not before: pipelines need their handlers, a
   *     handler may need the registry for meters of its own, and the registry is made with these
   *     meters
   */
  PipelineMetrics(PipelineProperties properties, BeanProvider<Pipelines> pipelines) {
    this.properties = properties;
    this.pipelines = pipelines;
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    for (String name : properties.names()) {
      for (Counted counted : COUNTERS) {
        FunctionCounter.builder(
                counted.meter,
                pipelines,
                all ->
                    find(name)
                        .map(p -> (double) counted.counter.apply(p.counters()).sum())
                        .orElse(0.0))
            .description(counted.help)
            .tag("pipeline", name)
            .tags(counted.tags)
            .register(registry);
      }
      for (Measured measured : GAUGES) {
        Gauge.builder(
                measured.meter,
                pipelines,
                all -> find(name).map(measured.gauge::applyAsDouble).orElse(measured.unknown))
            .description(measured.help)
            .tag("pipeline", name)
            .register(registry);
      }
    }
  }

  private Optional<Pipeline> find(String name) {
    return pipelines.get().all().stream()
        .filter(each -> each.status().name().equals(name))
        .findFirst();
  }

  private static double inFlight(PipelineStatus status, ToDoubleFunction<InFlight> what) {
    return status.workers().stream().map(WorkerStatus::inFlight).mapToDouble(what).sum();
  }

  /** The smallest bound of any worker, which is that of the slowest broker. */
  private static double transactionRecords(PipelineStatus status) {
    return status.workers().stream()
        .mapToInt(worker -> worker.hold().transactionRecords())
        .min()
        .orElse(0);
  }

  private static double runningWorkers(PipelineStatus status) {
    return status.workers().stream().filter(w -> w.state() == WorkerState.RUNNING).count();
  }
}
