package io.exactlyonce.ops.metrics;

import io.exactlyonce.scaling.ScalingDecision.Direction;
import io.exactlyonce.scaling.ScalingDecision.What;
import io.exactlyonce.wiring.PipelineProperties;
import io.exactlyonce.wiring.Pipelines;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micronaut.context.BeanProvider;
import jakarta.inject.Singleton;

/** Metrics of the decisions about workers and concurrency. */
@Singleton
final class ScalingMetrics implements MeterBinder {
  private final PipelineProperties properties;
  private final BeanProvider<Pipelines> pipelines;

  /**
   * @param pipelines got when a meter is read: see {@link PipelineMetrics}
   */
  ScalingMetrics(PipelineProperties properties, BeanProvider<Pipelines> pipelines) {
    this.properties = properties;
    this.pipelines = pipelines;
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    for (String name : properties.names()) {
      for (What what : What.values()) {
        for (Direction direction : Direction.values()) {
          if (what == What.WORKERS || direction != Direction.HELD) { // concurrency is never held
            bind(registry, name, what, direction);
          }
        }
      }
    }
  }

  private void bind(MeterRegistry registry, String name, What what, Direction direction) {
    FunctionCounter.builder(
            "pipeline.scaling.decisions",
            pipelines,
            all -> all.get().scaling().count(name, what, direction))
        .description("Decisions of scaling about workers and concurrency")
        .tag("pipeline", name)
        .tag("what", what.text())
        .tag("direction", direction.text())
        .register(registry);
  }
}
