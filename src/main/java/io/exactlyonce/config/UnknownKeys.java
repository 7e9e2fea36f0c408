package io.exactlyonce.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/** Refuses keys that are no settings. A misspelt key would otherwise leave its default in force. */
final class UnknownKeys {
  private UnknownKeys() {}

  static void refuse(String pipeline, Collection<String> keys) {
    List<String> known = PipelineSettings.ALL.stream().<String>map(Setting::key).toList();
    for (String key : keys) {
      boolean override =
          key.startsWith(PipelineSettings.CONSUMER_OVERRIDES)
              || key.startsWith(PipelineSettings.PRODUCER_OVERRIDES);
      if (!override && !known.contains(key)) {
        String nearest =
            known.stream()
                .min(Comparator.comparingInt(other -> distance(key, other)))
                .orElseThrow();
        throw new ConfigurationException(
            PipelineConfig.PREFIX + pipeline + "." + key,
            "(unknown)",
            "there is no such key; did you mean " + nearest + "?");
      }
    }
  }

  /** Levenshtein distance: edits between the two. */
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int substitute = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(substitute, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[b.length()];
  }
}
