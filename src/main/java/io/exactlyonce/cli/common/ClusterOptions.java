package io.exactlyonce.cli.common;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Options of every command that name the cluster and the settings of its clients. */
public final class ClusterOptions {
  @Option(
      names = "--bootstrap-servers",
      paramLabel = "HOST:PORT,...",
      description = "Default: $KAFKA_BOOTSTRAP_SERVERS, else localhost:9092.")
  private Optional<String> bootstrapServers;

  @Option(
      names = "--config",
      paramLabel = "FILE.properties",
      description = "Further settings of the Kafka clients, such as security.protocol.")
  private Optional<Path> config;

  /**
   * @throws CommandFailure where the file cannot be read
   */
  public ClientSettings settings(Map<String, String> environment) throws CommandFailure {
    return ClientSettings.of(bootstrapServers, config, environment);
  }
}
