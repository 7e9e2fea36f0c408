package io.exactlyonce.wiring.tracing;

import io.micronaut.context.annotation.Bean;
import io.micronaut.context.annotation.Factory;
import io.micronaut.context.annotation.Property;
import io.micronaut.context.annotation.Requires;
import io.micronaut.context.annotation.Secondary;
import io.micronaut.core.convert.format.MapFormat;
import io.opentelemetry.api.OpenTelemetry;
import jakarta.inject.Singleton;
import java.util.HashMap;
import java.util.Map;

/**
 * Makes the application's OpenTelemetry where {@code tracing.enabled} is true. Where the
 * application has another bean of that type, that one is used.
 */
@Factory
@Requires(property = PipelineTracing.ENABLED, value = "true")
final class TracingFactory {

  /** Closed after the beans that make spans with it. */
  @Singleton
  @Bean(preDestroy = "close")
  TracingSdk sdk(
      @Property(name = "micronaut.application.name", defaultValue = "pipeline") String service,
      @Property(name = "otel") @MapFormat(transformation = MapFormat.MapTransformation.FLAT)
          Map<String, String> settings) {
    Map<String, String> named = new HashMap<>();
    settings.forEach((key, value) -> named.put("otel." + key, value));
    return new TracingSdk(service, named);
  }

  @Singleton
  @Secondary
  OpenTelemetry openTelemetry(TracingSdk sdk) {
    return sdk.openTelemetry();
  }
}
