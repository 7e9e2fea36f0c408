package io.exactlyonce.wiring;

import io.exactlyonce.config.ConfigurationException;
import io.exactlyonce.config.PipelineConfig;
import java.util.List;
import org.apache.kafka.common.utils.Utils;

/**
 * Checks that the exception classes of the configuration exist: a misspelt one would match nothing.
 */
final class RetryClasses {
  private RetryClasses() {}

  static void check(PipelineConfig config) {
    check(config, "retry.on", config.retry().on());
    check(config, "retry.never", config.retry().never());
    check(config, "registry.away-on", config.codecs().registryAwayOn());
  }

  private static void check(PipelineConfig config, String key, List<String> names) {
    for (String name : names) {
      if (!isException(name)) {
        throw new ConfigurationException(
            config.key(key),
            name,
            "is no exception class on the class path; write the fully qualified name, such as"
                + " java.io.IOException");
      }
    }
  }

  private static boolean isException(String name) {
    try {
      return Throwable.class.isAssignableFrom(Utils.loadClass(name, Object.class));
    } catch (ClassNotFoundException | LinkageError e) {
      return false;
    }
  }
}
