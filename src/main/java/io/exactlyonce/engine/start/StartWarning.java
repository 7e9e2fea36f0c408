package io.exactlyonce.engine.start;

import io.exactlyonce.config.ConfigurationException;

/**
 * Something that works, but not well, or not for long.
 *
 * @param key the setting, of the pipeline's or of a topic's
 * @param remedy what to change, and why
 */
public record StartWarning(String key, Object value, String remedy) {

  public String text() {
    return String.valueOf(refusal().getMessage());
  }

  ConfigurationException refusal() {
    return new ConfigurationException(key, value, remedy);
  }
}
