package io.exactlyonce.wiring;

import io.exactlyonce.config.PipelineConfig;
import io.micronaut.context.env.Environment;
import io.micronaut.core.naming.conventions.StringConvention;
import jakarta.inject.Singleton;
import java.util.Collection;
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
    Map<String, String> raw = new TreeMap<>();
    Map<String, Object> found =
        environment.getProperties(PipelineConfig.PREFIX + name, StringConvention.RAW);
    new TreeMap<>(found).forEach((key, value) -> add("", key, value, raw));
    return raw;
  }

  private static void add(String prefix, String key, Object value, Map<String, String> raw) {
    String whole = prefix + key;
    if (value instanceof Map<?, ?> nested) {
      nested.forEach((inner, v) -> add(whole + ".", String.valueOf(inner), v, raw));
    } else if (value instanceof Collection<?> list) {
      raw.put(whole, list.stream().map(String::valueOf).collect(Collectors.joining(",")));
    } else if (whole.endsWith("]")) {
      String list = whole.substring(0, whole.lastIndexOf('['));
      if (!(raw.containsKey(list) && raw.get(list).contains(String.valueOf(value)))) {
        raw.merge(list, String.valueOf(value), (a, b) -> a + "," + b);
      }
    } else if (value != null) {
      raw.put(whole, String.valueOf(value));
    }
  }
}
