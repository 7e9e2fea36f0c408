package io.exactlyonce.engine;

import io.exactlyonce.config.ConfigurationException;

/**
 * Something that works, but not well, or not for long.
 *
 * @param key the setting, of the pipeline's or of a topic's
 * @param remedy what to change, and why
 */
record Concern(String key, Object value, String remedy) {

  String text() {
    return refusal().getMessage();
  }

  ConfigurationException refusal() {
    return new ConfigurationException(key, value, remedy);
  }
}
