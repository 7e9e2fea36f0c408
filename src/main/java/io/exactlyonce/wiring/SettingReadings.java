package io.exactlyonce.wiring;

import io.exactlyonce.config.PipelineSettings;
import io.exactlyonce.config.Setting;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Choice among the readings of environment variables. Underscores may stand for dots or dashes, so
 * Micronaut offers a variable under every reading: {@code commit.interval} and {@code
 * commit-interval}. The reading that is the key of a setting counts; of a setting of Kafka clients,
 * the one with dots.
 */
final class SettingReadings {
  private SettingReadings() {}

  static Map<String, String> resolve(Map<String, String> flat) {
    Map<String, List<String>> readings = new TreeMap<>();
    flat.keySet()
        .forEach(key -> readings.computeIfAbsent(dashed(key), d -> new ArrayList<>()).add(key));
    Map<String, String> resolved = new TreeMap<>();
    readings.forEach(
        (dashed, keys) -> {
          String key = choose(dashed, keys);
          String source = keys.contains(key) ? key : keys.get(0);
          resolved.put(key, flat.get(source));
        });
    return resolved;
  }

  private static String choose(String dashed, List<String> keys) {
    for (Setting<?> setting : PipelineSettings.ALL) {
      if (dashed(setting.key()).equals(dashed)) {
        return setting.key();
      }
    }
    String dotted = dashed.replace('-', '.');
    return keys.contains(dotted) ? dotted : keys.get(0);
  }

  private static String dashed(String key) {
    return key.replace('.', '-');
  }
}
