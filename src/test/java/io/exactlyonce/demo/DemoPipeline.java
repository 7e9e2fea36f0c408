package io.exactlyonce.demo;

import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import org.yaml.snakeyaml.Yaml;

/** The pipeline that the demo pours payments into: the sample's, which may have been removed. */
final class DemoPipeline {
  static final String NAME = "payments";

  private DemoPipeline() {}

  /** What is wrong with the application's configuration for the demo; empty where nothing is. */
  static String trouble() throws IOException {
    try (InputStream file = DemoPipeline.class.getResourceAsStream("/application.yml")) {
      Map<String, Object> configured = file == null ? Map.of() : new Yaml().load(file);
      Object pipelines = configured.get("pipelines");
      Map<?, ?> all = pipelines instanceof Map<?, ?> map ? map : Map.of();
      return all.containsKey(NAME)
          ? ""
          : "The demo pours payments into the pipeline "
              + NAME
              + ", the sample's, and src/main/resources/application.yml has "
              + (all.isEmpty() ? "no pipeline" : "only " + all.keySet())
              + ". Start your own as the manual says under \"On your own Kafka and Redis\", and send it"
              + " records with the command load.";
    }
  }
}
