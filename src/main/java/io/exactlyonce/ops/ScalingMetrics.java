package io.exactlyonce.ops;

import io.exactlyonce.scaling.ScalingDecision.Direction;
import io.exactlyonce.wiring.PipelineProperties;
import io.exactlyonce.wiring.Pipelines;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micronaut.context.BeanProvider;
import jakarta.inject.Singleton;

/** What was decided about the number of workers, as metrics. */
@Singleton
final class ScalingMetrics implements MeterBinder {
  private final PipelineProperties properties;
  private final BeanProvider<Pipelines> pipelines;

  /**
   * @param pipelines asked for when somebody reads a meter: see {@link PipelineMetrics}
   */
  ScalingMetrics(PipelineProperties properties, BeanProvider<Pipelines> pipelines) {
    this.properties = properties;
    this.pipelines = pipelines;
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    for (String name : properties.names()) {
      for (Direction direction : Direction.values()) {
        FunctionCounter.builder(
                "pipeline.scaling.decisions",
                pipelines,
                all -> all.get().scaling().count(name, direction))
            .description("Decisions of scaling about the number of workers")
            .tag("pipeline", name)
            .tag("direction", direction.text())
            .register(registry);
      }
    }
  }
}
