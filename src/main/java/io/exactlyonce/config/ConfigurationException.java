package io.exactlyonce.config;

/** A setting that cannot be used. The message is one line: the key, its value and the remedy. */
public final class ConfigurationException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public ConfigurationException(String key, Object value, String remedy) {
    super(key + " = " + value + ": " + remedy);
  }
}
