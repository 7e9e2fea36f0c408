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
 * <p>Spans wait for their export in a bounded queue, and are dropped while it is full. Only {@link
 * #close} waits for the exporter, for two seconds at the most.
 */
final class TracingSdk implements AutoCloseable {
  /**
   * Time for exporting the last spans: a collector that hangs must not delay the end of the
   * process.
   */
  private static final int CLOSING_SECONDS = 2;

  private static final Pattern MAY_HOLD_SECRET =
      Pattern.compile("endpoint|headers", Pattern.CASE_INSENSITIVE);

  private static final Map<String, String> DEFAULTS =
      Map.of(
          "otel.traces.exporter", "otlp",
          // Metrics and logs are exported in other ways.
          "otel.metrics.exporter", "none",
          "otel.logs.exporter", "none",
          "otel.exporter.otlp.protocol", "http/protobuf");

  private final OpenTelemetrySdk sdk;
  private final ExporterLog log = new ExporterLog();

  /**
   * @param settings {@code otel.} keys of the application's configuration, which variables and
   *     system properties of these names override
   * @throws ConfigurationException where OpenTelemetry refuses a setting
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
    } catch (RuntimeException e) { // its classes are of several packages, by the kind of mistake
      log.close();
      throw new ConfigurationException(
          "tracing.enabled",
          "true",
          "OpenTelemetry cannot be set up ("
              + said(e, given(settings))
              + "); correct the setting that this names, or set tracing.enabled to false");
    }
  }

  /** OpenTelemetry's settings from the application, the environment and system properties. */
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
   * The message without values that may have the collector's password. To a message that names no
   * setting, the names of all that are set are added.
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
