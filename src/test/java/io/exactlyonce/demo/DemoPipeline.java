package io.exactlyonce.demo;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.yaml.snakeyaml.Yaml;

/**
 * What the demo needs of a pipeline's configuration.
 *
 * @param source the first of its sources
 */
record DemoPipeline(String name, String source, List<String> sinks) {
  /** Name of the sample's pipeline, which may have been removed. */
  static final String NAME = "payments";

  /** The pipelines in src/main/resources/application.yml, by name. */
  static Map<String, Object> configured() throws IOException {
    try (InputStream file = DemoPipeline.class.getResourceAsStream("/application.yml")) {
      Map<String, Object> all = file == null ? Map.of() : new Yaml().load(file);
      return all.get("pipelines") instanceof Map<?, ?> map ? cast(map) : Map.of();
    }
  }

  @SuppressWarnings("unchecked") // the keys of a YAML mapping below pipelines are names
  private static Map<String, Object> cast(Map<?, ?> map) {
    return (Map<String, Object>) map;
  }

  /**
   * The pipeline of the given name, or else the only one; empty where there is none of that name,
   * or several without a name.
   */
  static Optional<DemoPipeline> find(Map<String, Object> configured, Optional<String> asked) {
    Optional<String> name =
        asked.isPresent() || configured.size() != 1
            ? asked
            : configured.keySet().stream().findAny();
    return name.filter(configured::containsKey)
        .map(known -> of(known, (Map<?, ?>) configured.get(known)));
  }

  private static DemoPipeline of(String name, Map<?, ?> settings) {
    return new DemoPipeline(
        name, names(settings.get("source")).get(0), names(settings.get("sinks")));
  }

  private static List<String> names(Object value) {
    if (value == null) {
      return List.of();
    }
    return value instanceof List<?> list
        ? list.stream().map(String::valueOf).toList()
        : List.of(String.valueOf(value).split("\\s*,\\s*"));
  }

  /** Why the demo cannot run; empty where the sample's pipeline is there. */
  static String trouble(Map<String, Object> configured) {
    return configured.containsKey(NAME)
        ? ""
        : "The demo pours payments into the pipeline "
            + NAME
            + ", the sample's, and src/main/resources/application.yml has "
            + (configured.isEmpty() ? "no pipeline" : "only " + configured.keySet())
            + ". Give it records of your own pipeline: -Dfile=FILE, with -Dpipeline=NAME where there"
            + " are several.";
  }
}
