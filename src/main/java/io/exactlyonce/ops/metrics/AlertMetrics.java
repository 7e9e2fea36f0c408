package io.exactlyonce.ops.metrics;

import io.exactlyonce.alert.AlertKind;
import io.exactlyonce.wiring.PipelineProperties;
import io.exactlyonce.wiring.Pipelines;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micronaut.context.BeanProvider;
import jakarta.inject.Singleton;

/** Metrics of the alerts: which are raised, and how many messages failed. */
@Singleton
final class AlertMetrics implements MeterBinder {
  private final PipelineProperties properties;
  private final BeanProvider<Pipelines> pipelines;

  /**
   * @param pipelines got when a meter is read: see {@link PipelineMetrics}
   */
  AlertMetrics(PipelineProperties properties, BeanProvider<Pipelines> pipelines) {
    this.properties = properties;
    this.pipelines = pipelines;
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    for (String name : properties.names()) {
      for (AlertKind kind : AlertKind.values()) {
        Gauge.builder("pipeline.alert.raised", pipelines, all -> isRaised(all, name, kind) ? 1 : 0)
            .description("1 while the alert is raised")
            .tag("pipeline", name)
            .tag("alert", kind.title())
            .tag("severity", kind.severity().text())
            .register(registry);
      }
    }
    FunctionCounter.builder(
            "pipeline.alert.messages.failed", pipelines, all -> all.get().alerts().failed())
        .description("Messages of alerts that the webhook did not take")
        .register(registry);
  }

  private static boolean isRaised(BeanProvider<Pipelines> all, String name, AlertKind kind) {
    return all.get().alerts().raised(name).stream().anyMatch(message -> message.kind() == kind);
  }
}
