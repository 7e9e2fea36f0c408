package io.exactlyonce.wiring.tracing;

import io.exactlyonce.config.ConfigurationException;
import io.exactlyonce.engine.spi.Tracing;
import io.micronaut.context.annotation.Property;
import io.opentelemetry.api.OpenTelemetry;
import jakarta.inject.Singleton;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Makes the tracing of pipelines; off unless there is an OpenTelemetry bean. */
@Singleton
public final class PipelineTracing {
  static final String ENABLED = "tracing.enabled";

  private final @Nullable OpenTelemetry openTelemetry;

  /**
   * @throws ConfigurationException where {@code tracing.enabled} is neither true nor false
   */
  PipelineTracing(
      @Nullable OpenTelemetry openTelemetry,
      @Property(name = ENABLED, defaultValue = "false") String enabled) {
    if (!Set.of("true", "false").contains(enabled)) {
      throw new ConfigurationException(ENABLED, enabled, "is neither true nor false");
    }
    this.openTelemetry = openTelemetry;
  }

  /** The tracing of the pipeline of this group. */
  public Tracing of(String group) {
    return openTelemetry == null ? Tracing.off() : new OpenTelemetryTracing(openTelemetry, group);
  }
}
