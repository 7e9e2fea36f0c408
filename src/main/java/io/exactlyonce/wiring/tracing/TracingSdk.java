package io.exactlyonce.wiring.tracing;

import io.exactlyonce.config.ConfigurationException;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

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

  private static final Pattern MAY_HOLD_SECRET =
      Pattern.compile("endpoint|headers", Pattern.CASE_INSENSITIVE);

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
              + said(e, given(settings))
              + "); correct the setting that this names, or set tracing.enabled to false");
    }
  }

  /** OpenTelemetry's settings, wherever they come from. */
  private static Map<String, String> given(Map<String, String> settings) {
    Map<String, String> given = new TreeMap<>(settings);
    System.getenv().forEach((name, value) -> put(given, "OTEL_", name, value));
    Properties properties = System.getProperties();
    properties
        .stringPropertyNames()
        .forEach(name -> put(given, "otel.", name, properties.getProperty(name)));
    return given;
  }

  private static void put(Map<String, String> all, String prefix, String name, String value) {
    if (name.startsWith(prefix)) {
      all.put(name, value);
    }
  }

  /**
   * Without values that may hold the collector's password. Not every message names a setting: then
   * those that are set are told.
   */
  private static String said(RuntimeException thrown, Map<String, String> given) {
    String said = String.valueOf(thrown.getMessage());
    for (Map.Entry<String, String> setting : given.entrySet()) {
      if (MAY_HOLD_SECRET.matcher(setting.getKey()).find() && !setting.getValue().isBlank()) {
        said = said.replace(setting.getValue(), "(not shown)");
      }
    }
    return said.contains("otel.") ? said : said + "; these are set: " + given.keySet();
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
