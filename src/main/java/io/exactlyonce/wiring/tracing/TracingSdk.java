package io.exactlyonce.wiring.tracing;

import io.exactlyonce.config.ConfigurationException;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * OpenTelemetry as its own variables configure it ({@code OTEL_EXPORTER_OTLP_ENDPOINT}, {@code
 * OTEL_TRACES_SAMPLER} and so on), with OTLP over HTTP as the exporter unless they say otherwise.
 *
 * <p>Spans wait for their export in a queue that is bounded, and are dropped where it is full;
 * nobody waits for the exporter but {@link #close}, and that for no more than a moment.
 */
final class TracingSdk implements AutoCloseable {
  /** For the last spans; a collector that hangs must not hold up the stop of the process. */
  private static final int CLOSING_SECONDS = 2;

  private static final Map<String, String> DEFAULTS =
      Map.of(
          "otel.traces.exporter", "otlp",
          // Counters and the log have their own ways out.
          "otel.metrics.exporter", "none",
          "otel.logs.exporter", "none",
          "otel.exporter.otlp.protocol", "http/protobuf");

  private final OpenTelemetrySdk sdk;
  private final ExporterLog log = new ExporterLog();

  /**
   * @param settings {@code otel.} keys of the application's configuration, which variables and
   *     system properties of these names override
   * @throws ConfigurationException where it cannot be set up so
   */
  TracingSdk(String service, Map<String, String> settings) {
    try {
      sdk =
          AutoConfiguredOpenTelemetrySdk.builder()
              .addPropertiesSupplier(() -> DEFAULTS)
              .addPropertiesSupplier(() -> Map.of("otel.service.name", service))
              .addPropertiesSupplier(() -> settings)
              .disableShutdownHook()
              .build()
              .getOpenTelemetrySdk();
    } catch (RuntimeException e) { // by the kind of what is wrong, classes of several packages
      log.close();
      throw new ConfigurationException(
          "tracing.enabled",
          "true",
          "OpenTelemetry cannot be set up ("
              + withoutValue(String.valueOf(e.getMessage()))
              + "); correct the setting that this names, or set tracing.enabled to false");
    }
  }

  /** A setting may hold the password of the collector. */
  private static String withoutValue(String message) {
    return message.replaceAll("=\\S.*", "=(not shown)");
  }

  OpenTelemetry openTelemetry() {
    return sdk;
  }

  @Override
  public void close() {
    sdk.getSdkTracerProvider().shutdown().join(CLOSING_SECONDS, TimeUnit.SECONDS);
    log.close();
  }
}
