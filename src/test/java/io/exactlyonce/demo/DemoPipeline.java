package io.exactlyonce.demo;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.yaml.snakeyaml.Yaml;

/**
 * A pipeline of the application's configuration, as the demo has to know it.
 *
 * @param source the first of its sources
 */
record DemoPipeline(String name, String source, List<String> sinks) {
  /** The sample's, which may have been removed. */
  static final String NAME = "payments";

  /** Those that src/main/resources/application.yml has, by name. */
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

  /** The one that is asked for, or else the only one; empty where that tells none. */
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

  /** Why nothing can be shown; empty where the sample's payments can be poured in. */
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
