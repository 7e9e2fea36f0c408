package io.exactlyonce.engine.start;

import io.exactlyonce.config.ConfigurationException;

/**
 * A finding of the start checks: why the start is refused or warned of.
 *
 * @param key the setting, topic, group or id that it is about, as an operator would name it
 * @param value what was found there, or what is denied
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
