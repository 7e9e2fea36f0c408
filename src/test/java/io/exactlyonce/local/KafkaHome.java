package io.exactlyonce.local;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.metadata.storage.Formatter;

/**
 * Files that a node is started from: its settings, its log levels and its formatted data directory.
 */
final class KafkaHome {
  private static final List<String> LOGGING =
      List.of(
          "<configuration>",
          "  <appender name=\"OUT\" class=\"ch.qos.logback.core.ConsoleAppender\">",
          "    <encoder><pattern>%d %-5level %logger{0} %msg%n</pattern></encoder>",
          "  </appender>",
          "  <root level=\"INFO\"><appender-ref ref=\"OUT\"/></root>",
          "</configuration>");

  private KafkaHome() {}

  static Path propertiesFile(Path home) {
    return home.resolve("server.properties");
  }

  static Path loggingFile(Path home) {
    return home.resolve("logback.xml");
  }

  static void format(Path home, ClusterLayout layout, int index, Map<String, String> overrides) {
    Path data = home.resolve("data");
    Map<String, String> settings = new LinkedHashMap<>(layout.serverProperties(index, data));
    settings.putAll(overrides);
    LocalFiles.write(
        propertiesFile(home),
        settings.entrySet().stream().map(e -> e.getKey() + "=" + e.getValue()).toList());
    LocalFiles.write(loggingFile(home), LOGGING);
    formatData(data, layout, layout.id(index));
  }

  /**
   * Formats the data directory as {@code kafka-storage format} does, without the second that a JVM
   * for it would take. Data of an earlier start is kept.
   */
  private static void formatData(Path data, ClusterLayout layout, int id) {
    if (Files.exists(data.resolve("meta.properties"))) {
      return;
    }
    try (PrintStream silent =
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8)) {
      new Formatter()
          .setPrintStream(silent)
          .setClusterId(layout.clusterId().toString())
          .setNodeId(id)
          .setControllerListenerName(ClusterLayout.CONTROLLER)
          .setMetadataLogDirectory(data.toString())
          .addDirectory(data.toString())
          .run();
    } catch (Exception e) {
      throw new IllegalStateException("cannot format " + data, e);
    }
  }
}
