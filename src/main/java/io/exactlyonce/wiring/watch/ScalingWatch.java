package io.exactlyonce.wiring.watch;

import static java.util.Objects.requireNonNull;

import io.exactlyonce.config.PipelineConfig;
import io.exactlyonce.config.value.ScalingMode;
import io.exactlyonce.engine.Pipeline;
import io.exactlyonce.engine.status.LogFields;
import io.exactlyonce.lag.GroupLag;
import io.exactlyonce.scaling.Scaler;
import io.exactlyonce.scaling.ScalingDecision;
import io.exactlyonce.scaling.ScalingDecision.Direction;
import io.exactlyonce.scaling.ScalingDecision.What;
import io.exactlyonce.scaling.ScalingLimits;
import io.exactlyonce.scaling.ScalingPeriods;
import io.exactlyonce.scaling.ScalingReadings;
import java.time.Clock;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Scales each pipeline of this instance that has {@code scaling.mode: workers}, whenever its lag
 * was measured. Each decision is logged and counted, and the last one is kept.
 */
public final class ScalingWatch implements Consumer<List<GroupLag>> {
  private static final Logger LOG = LoggerFactory.getLogger(ScalingWatch.class);

  private record Scaled(ScalingReadings readings, Scaler scaler) {}

  private record Counted(String pipeline, What what, Direction direction) {}

  private final Supplier<? extends Collection<Pipeline>> running;
  private final Clock clock;
  private final Map<String, Scaled> scaled = new HashMap<>();
  private final Map<String, ScalingDecision> last = new ConcurrentHashMap<>();
  private final Map<Counted, LongAdder> counts = new ConcurrentHashMap<>();

  public ScalingWatch(
      List<PipelineConfig> configs,
      Supplier<? extends Collection<Pipeline>> running,
      ScalingPeriods periods,
      Clock clock) {
    this.running = running;
    this.clock = clock;
    configs.stream()
        .filter(config -> config.scaling().mode() == ScalingMode.WORKERS)
        .forEach(
            config ->
                scaled.put(
                    config.name(),
                    new Scaled(
                        new ScalingReadings(config),
                        new Scaler(ScalingLimits.of(config), periods))));
  }

  @Override
  public void accept(List<GroupLag> lags) {
    for (GroupLag lag : lags) {
      if (scaled.containsKey(lag.pipeline())) {
        running.get().stream()
            .filter(pipeline -> pipeline.config().name().equals(lag.pipeline()))
            .findFirst()
            .ifPresent(
                pipeline -> LogFields.of(lag.pipeline(), "", () -> look(pipeline, lag)).run());
      }
    }
  }

  private void look(Pipeline pipeline, GroupLag lag) {
    Scaled of = requireNonNull(scaled.get(lag.pipeline()));
    of.scaler()
        .check(
            of.readings()
                .of(
                    clock.instant(),
                    pipeline.wantedWorkers(),
                    pipeline.wantedConcurrency(),
                    lag,
                    pipeline.status(),
                    pipeline.counters()))
        .ifPresent(decision -> apply(pipeline, decision));
  }

  private void apply(Pipeline pipeline, ScalingDecision decision) {
    String name = pipeline.config().name();
    LOG.info("{}: {}", name, decision.text());
    last.put(name, decision);
    counts
        .computeIfAbsent(
            new Counted(name, decision.what(), decision.direction()), key -> new LongAdder())
        .increment();
    if (decision.direction() == Direction.HELD) {
      return;
    }
    if (decision.what() == What.WORKERS) {
      pipeline.scale(decision.to());
    } else {
      pipeline.scaleConcurrency(decision.to());
    }
  }

  /** The last decision about a pipeline; empty where there was none. */
  public Optional<ScalingDecision> last(String pipeline) {
    return Optional.ofNullable(last.get(pipeline));
  }

  /** Number of these decisions about a pipeline, since the start. */
  public long count(String pipeline, What what, Direction direction) {
    LongAdder count = counts.get(new Counted(pipeline, what, direction));
    return count == null ? 0 : count.sum();
  }
}
