package io.exactlyonce.config.value;

/** How JSON is read where no deserializer is named. */
public enum JsonChoice {
  /**
   * Exactly one document, no key twice, and each value of the JSON type that its field asks for.
   */
  STRICT,
  /** As the application's Micronaut Serde reads it, with its coercions. */
  LENIENT
}
