package io.exactlyonce.wiring;

import io.exactlyonce.config.PipelineConfig;
import io.micronaut.context.env.Environment;
import jakarta.inject.Singleton;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The configuration below {@code pipelines}, as flat text, from whatever source it comes. */
@Singleton
final class PipelineProperties {
  private static final String ROOT = "pipelines";
  private final Environment environment;

  PipelineProperties(Environment environment) {
    this.environment = environment;
  }

  /**
   * The names of the pipelines. An environment variable such as PIPELINES_PAYMENTS_COMMIT_INTERVAL
   * is offered by Micronaut under every way to read its underscores, "payments-commit-interval"
   * among them: a name without a source that continues a name with one is such a reading.
   */
  Set<String> names() {
    Collection<String> entries = environment.getPropertyEntries(ROOT);
    Set<String> sourced =
        entries.stream()
            .filter(name -> raw(name).containsKey("source"))
            .collect(Collectors.toCollection(TreeSet::new));
    return entries.stream()
        .filter(
            name ->
                sourced.contains(name)
                    || sourced.stream().noneMatch(other -> name.startsWith(other + "-")))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** Keys below {@code pipelines.<name>} to their text; a list becomes one text with commas. */
  Map<String, String> raw(String name) {
    Map<String, Object> found =
        new TreeMap<>(environment.getProperties(PipelineConfig.PREFIX + name));
    Map<String, String> flat = new TreeMap<>();
    found.forEach((key, value) -> add(key, value, flat));
    return SettingReadings.resolve(flat);
  }

  private static void add(String key, Object value, Map<String, String> flat) {
    if (value instanceof Map<?, ?> nested) {
      nested.forEach((inner, v) -> add(key + "." + inner, v, flat));
    } else if (value instanceof Collection<?> list) {
      flat.put(key, list.stream().map(String::valueOf).collect(Collectors.joining(",")));
    } else if (key.endsWith("]")) {
      addElement(key.substring(0, key.lastIndexOf('[')), String.valueOf(value), flat);
    } else if (value != null) {
      flat.put(key, String.valueOf(value));
    }
  }

  /** A list may be there as a whole and by its elements; an element is then there already. */
  private static void addElement(String list, String element, Map<String, String> flat) {
    String sofar = flat.get(list);
    if (sofar == null) {
      flat.put(list, element);
    } else if (!List.of(sofar.split(",")).contains(element)) {
      flat.put(list, sofar + "," + element);
    }
  }
}
