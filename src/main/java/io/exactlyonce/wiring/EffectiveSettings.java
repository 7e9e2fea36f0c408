package io.exactlyonce.wiring;

import io.exactlyonce.config.PipelineSettings;
import io.exactlyonce.config.Secrets;
import io.exactlyonce.config.Setting;
import io.micronaut.context.env.Environment;
import io.micronaut.context.env.EnvironmentPropertySource;
import io.micronaut.context.env.PropertySource;
import io.micronaut.context.env.PropertySource.PropertyConvention;
import io.micronaut.context.env.SystemPropertiesPropertySource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Configuration in effect, from all its sources: a line for each key, {@code key = value (source)}.
 * No line holds a secret.
 */
final class EffectiveSettings {
  private static final List<String> OF_THE_SERVER =
      List.of("micronaut.server.host", "micronaut.server.port", "tracing.enabled");
  private static final List<String> OF_REDIS =
      List.of("redis.uri", "redis.uris", "redis.host", "redis.port");

  private final Environment environment;
  private final List<PropertySource> sources;

  /** A value to be shown, and its source. */
  private record Shown(String value, String from) {}

  /**
   * @param environment started already
   */
  EffectiveSettings(Environment environment) {
    this.environment = environment;
    this.sources =
        environment.getPropertySources().stream()
            .sorted(Comparator.comparingInt(PropertySource::getOrder).reversed())
            .toList();
  }

  /**
   * @param kafka the settings of all Kafka clients, by their names in Kafka
   */
  List<String> lines(Map<String, Object> kafka) {
    Map<String, Shown> shown = new LinkedHashMap<>();
    OF_THE_SERVER.forEach(key -> add(shown, key));
    kafka.forEach(
        (key, value) ->
            shown.put("kafka." + key, new Shown(String.valueOf(value), origin("kafka." + key))));
    OF_REDIS.forEach(key -> add(shown, key));
    PipelineProperties properties = new PipelineProperties(environment);
    properties.names().forEach(name -> addPipeline(shown, properties, name));

    Map<String, String> values = new LinkedHashMap<>();
    shown.forEach((key, line) -> values.put(key, line.value));
    Secrets secrets = new Secrets(values);
    List<String> lines = new ArrayList<>();
    shown.forEach(
        (key, line) ->
            lines.add(
                "%s = %s (%s)"
                    .formatted(
                        key,
                        Secrets.isSecret(key) ? Secrets.HIDDEN : secrets.hide(line.value),
                        line.from)));
    return lines;
  }

  private void add(Map<String, Shown> shown, String key) {
    environment
        .getProperty(key, String.class)
        .ifPresent(value -> shown.put(key, new Shown(value, origin(key))));
  }

  /** Adds all settings in the order of the manual, then those of Kafka clients that are set. */
  private void addPipeline(Map<String, Shown> shown, PipelineProperties properties, String name) {
    Map<String, String> raw = properties.raw(name);
    for (Setting<?> setting : PipelineSettings.ALL) {
      String key = "pipelines." + name + "." + setting.key();
      String given = raw.get(setting.key());
      String byDefault = setting.defaultText();
      if (given != null) {
        shown.put(key, new Shown(given, origin(properties.keyAsSet(name, setting.key()))));
      } else if (byDefault != null) {
        shown.put(key, new Shown(byDefault.isEmpty() ? "–" : byDefault, "default"));
      }
    }
    raw.forEach(
        (key, value) ->
            shown.putIfAbsent(
                "pipelines." + name + "." + key,
                new Shown(value, origin(properties.keyAsSet(name, key)))));
  }

  /**
   * The source of highest precedence that has the key in any spelling; {@code default} where none
   * has.
   */
  private String origin(String key) {
    for (PropertySource source : sources) {
      for (String name : source) {
        String whole = name.endsWith("]") ? name.substring(0, name.lastIndexOf('[')) : name;
        if (letters(whole).equals(letters(key))) {
          return described(source, name, key);
        }
      }
    }
    return "default";
  }

  private static String described(PropertySource source, String name, String key) {
    String where =
        switch (source.getName()) {
          case EnvironmentPropertySource.NAME -> "environment: " + name;
          case SystemPropertiesPropertySource.NAME -> "-D" + name;
          default ->
              source.getConvention() == PropertyConvention.ENVIRONMENT_VARIABLE
                  ? "environment: " + name
                  : source.getName();
        };
    return key.startsWith(PipelineProperties.DEFAULTS + ".")
        ? where + ", " + PipelineProperties.DEFAULTS
        : where;
  }

  /**
   * Letters and digits of a key: in an environment variable dots and dashes are both underscores.
   */
  private static String letters(String key) {
    return key.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "");
  }
}
