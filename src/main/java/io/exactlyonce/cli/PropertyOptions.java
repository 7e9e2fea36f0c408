package io.exactlyonce.cli;

import java.util.HashMap;
import java.util.Map;
import picocli.CommandLine.Option;

/** Option for keys of the application's configuration that hold for this run only. */
final class PropertyOptions {
  @Option(
      names = {"-P", "--property"},
      paramLabel = "KEY=VALUE",
      description = "A configuration key for this run, such as redis.uri=redis://host:6379.")
  private Map<String, String> properties = new HashMap<>();

  Map<String, String> all() {
    return properties;
  }
}
