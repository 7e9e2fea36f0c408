package io.exactlyonce.config;

import io.exactlyonce.config.value.Units;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One key of a pipeline's configuration: its default, its unit, and how its text becomes a value.
 *
 * @param key the name below {@code pipelines.<name>}
 * @param defaultText the default as a user would write it; empty where the key may be left out and
 *     {@code meaning} has what follows; null where it is required
 * @param unit form of a value, for the manual
 * @param meaning description for the manual
 * @param parser turns trimmed text into a value; throws {@link IllegalArgumentException} with the
 *     remedy as its message
 */
public record Setting<T>(
    String key,
    @Nullable String defaultText,
    String unit,
    String meaning,
    Function<String, T> parser) {

  /** The environment variable that sets this key for a pipeline. */
  public String variable(String pipeline) {
    return (PipelineConfig.PREFIX + pipeline + "." + key)
        .toUpperCase(Locale.ROOT)
        .replace('.', '_')
        .replace('-', '_');
  }

  T read(String pipeline, Map<String, String> raw) {
    String text = raw.getOrDefault(key, defaultText);
    String fullKey = PipelineConfig.PREFIX + pipeline + "." + key;
    if (text == null) {
      throw new ConfigurationException(fullKey, "(missing)", "is required: " + meaning);
    }
    try {
      return parser.apply(text.trim());
    } catch (IllegalArgumentException e) {
      throw new ConfigurationException(fullKey, text, String.valueOf(e.getMessage()));
    }
  }

  static Setting<String> text(String key, String defaultText, String unit, String meaning) {
    return new Setting<>(key, defaultText, unit, meaning, Function.identity());
  }

  static Setting<List<String>> names(
      String key, @Nullable String defaultText, String unit, String meaning) {
    return new Setting<>(
        key,
        defaultText,
        unit,
        meaning,
        text ->
            Arrays.stream(text.split(",")).map(String::trim).filter(s -> !s.isEmpty()).toList());
  }

  static Setting<Integer> count(
      String key, String defaultText, int least, int most, String meaning) {
    return new Setting<>(
        key,
        defaultText,
        "count: " + least + (most == Integer.MAX_VALUE ? " or more" : " to " + most),
        meaning,
        text -> {
          int value;
          try {
            value = Integer.parseInt(text);
          } catch (NumberFormatException e) {
            throw new IllegalArgumentException("is not a whole number; write e.g. " + defaultText);
          }
          if (value < least || value > most) {
            throw new IllegalArgumentException("must be from " + least + " to " + most);
          }
          return value;
        });
  }

  static Setting<Long> bytes(String key, String defaultText, long least, String meaning) {
    return new Setting<>(
        key,
        defaultText,
        "bytes: 512KB, 16MB" + (least > 0 ? "; at least " + least + " bytes" : ""),
        meaning,
        text -> {
          long value = Units.bytes(text);
          if (value < least) {
            throw new IllegalArgumentException("must be at least " + least + " bytes");
          }
          return value;
        });
  }

  static Setting<Duration> duration(
      String key, String defaultText, Duration least, String meaning) {
    return new Setting<>(
        key,
        defaultText,
        "time: 100ms, 10s, 24h"
            + (least.compareTo(Duration.ofMillis(1)) > 0 ? "; at least " + Units.text(least) : ""),
        meaning,
        text -> {
          Duration value = Units.duration(text);
          if (value.compareTo(least) < 0) {
            throw new IllegalArgumentException(
                "must be at least " + Units.text(least) + "; the default is " + defaultText);
          }
          return value;
        });
  }

  static Setting<List<Duration>> durations(
      String key, String defaultText, Duration least, String meaning) {
    Setting<Duration> each = duration(key, defaultText, least, meaning);
    return new Setting<>(
        key,
        defaultText,
        "times: 1m, 10m, 1h",
        meaning,
        text ->
            Arrays.stream(text.split(","))
                .map(String::trim)
                .filter(s -> !s.isEmpty())
                .map(each.parser())
                .toList());
  }

  static <E extends Enum<E>> Setting<E> choice(
      String key, E defaultValue, Class<E> type, String meaning) {
    String names =
        Arrays.stream(type.getEnumConstants())
            .map(Setting::spelled)
            .collect(Collectors.joining(", "));
    return new Setting<>(
        key,
        spelled(defaultValue),
        "one of " + names.replace(", ", " \\| "),
        meaning,
        text -> {
          for (E constant : type.getEnumConstants()) {
            if (spelled(constant).equalsIgnoreCase(text)) {
              return constant;
            }
          }
          throw new IllegalArgumentException("is none of: " + names);
        });
  }

  /** {@code EXACTLY_ONCE} is written {@code exactly-once}. */
  static String spelled(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
