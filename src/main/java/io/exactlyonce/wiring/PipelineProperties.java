package io.exactlyonce.wiring;

import io.exactlyonce.config.ConfigurationException;
import io.exactlyonce.config.PipelineConfig;
import io.micronaut.context.env.Environment;
import jakarta.inject.Singleton;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Properties of pipelines as flat text, from whatever source: those below {@code pipelines.<name>},
 * and for keys that are not set there those of {@code pipeline.defaults}. Defaults name no
 * pipeline, so that a container's files can set them for whatever pipelines there are.
 */
@Singleton
public final class PipelineProperties {
  private static final String ROOT = "pipelines";
  static final String DEFAULTS = "pipeline.defaults";

  private final Environment environment;

  PipelineProperties(Environment environment) {
    this.environment = environment;
  }

  /**
   * The names of the pipelines. Micronaut offers an environment variable such as
   * PIPELINES_PAYMENTS_COMMIT_INTERVAL under every reading of its underscores,
   * "payments-commit-interval" among the names. So a name without a source is no pipeline if it
   * continues, with a dash, a name that has one.
   */
  public Set<String> names() {
    Collection<String> entries = environment.getPropertyEntries(ROOT);
    Set<String> sourced =
        entries.stream()
            .filter(name -> flat(name).containsKey("source"))
            .collect(Collectors.toCollection(TreeSet::new));
    return entries.stream()
        .filter(
            name ->
                sourced.contains(name)
                    || sourced.stream().noneMatch(other -> name.startsWith(other + "-")))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /**
   * @throws ConfigurationException where no pipeline has this name
   */
  void require(String name) {
    if (!names().contains(name)) {
      throw new ConfigurationException("pipelines", name, "is no pipeline; there are " + names());
    }
  }

  /**
   * A pipeline's properties by their keys below {@code pipelines.<name>}; its own win over the
   * defaults. A list is one text with commas.
   */
  Map<String, String> raw(String name) {
    Map<String, String> all = defaults();
    all.putAll(own(name));
    return all;
  }

  /**
   * Reads a pipeline's configuration.
   *
   * @throws ConfigurationException naming the key as it is set: the pipeline's, or the default
   */
  PipelineConfig parse(String name, String defaultInstanceId) {
    try {
      return PipelineConfig.parse(name, raw(name), defaultInstanceId);
    } catch (ConfigurationException e) {
      String message = String.valueOf(e.getMessage());
      for (String key : raw(name).keySet()) {
        String begin = PipelineConfig.PREFIX + name + "." + key + " = ";
        int value = begin.length();
        int remedy = message.indexOf(": ", value);
        if (message.startsWith(begin) && remedy >= 0) {
          throw new ConfigurationException(
              keyAsSet(name, key), message.substring(value, remedy), message.substring(remedy + 2));
        }
      }
      throw e;
    }
  }

  /** The full key under which a pipeline's setting is set: its own, or that of the defaults. */
  String keyAsSet(String name, String key) {
    String root = own(name).containsKey(key) ? PipelineConfig.PREFIX + name : DEFAULTS;
    return root + "." + key;
  }

  private Map<String, String> defaults() {
    return SettingReadings.resolve(below(DEFAULTS));
  }

  private Map<String, String> own(String name) {
    Map<String, String> flat = flat(name);
    for (String other : names()) {
      // PIPELINES_PAYMENTS_EU_WORKERS sets workers of payments-eu, and is offered as eu.workers of
      // payments too.
      if (other.startsWith(name + "-")) {
        String rest = other.substring(name.length() + 1);
        flat.keySet().removeIf(key -> key.startsWith(rest + ".") || key.startsWith(rest + "-"));
      }
    }
    return SettingReadings.resolve(flat);
  }

  private Map<String, String> flat(String name) {
    return below(PipelineConfig.PREFIX + name);
  }

  private Map<String, String> below(String root) {
    Map<String, Object> found = new TreeMap<>(environment.getProperties(root));
    Map<String, String> flat = new TreeMap<>();
    found.forEach((key, value) -> add(key, value, flat));
    // Elements count only where no whole list is set: beside one they may be of a source that it
    // overrides.
    found.forEach(
        (key, value) -> {
          String list = key.endsWith("]") ? key.substring(0, key.lastIndexOf('[')) : key;
          if (!list.equals(key) && !found.containsKey(list) && value != null) {
            flat.merge(list, String.valueOf(value), (sofar, element) -> sofar + "," + element);
          }
        });
    return flat;
  }

  private static void add(String key, @Nullable Object value, Map<String, String> flat) {
    if (value instanceof Map<?, ?> nested) {
      nested.forEach((inner, v) -> add(key + "." + inner, v, flat));
    } else if (value instanceof Collection<?> list) {
      flat.put(key, list.stream().map(String::valueOf).collect(Collectors.joining(",")));
    } else if (value != null && !key.endsWith("]")) {
      flat.put(key, String.valueOf(value));
    }
  }
}
