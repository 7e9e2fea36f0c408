package io.exactlyonce.config;

import io.exactlyonce.config.value.JsonChoice;

/** The keys that say how keys and values are read and written. */
final class CodecSettings {
  static final Setting<String> KEY_DESERIALIZER =
      className(
          "key-deserializer",
          "Kafka Deserializer class for keys. Left out: JSON or text, by the handler's" + " type.");
  static final Setting<String> VALUE_DESERIALIZER =
      className("value-deserializer", "Kafka Deserializer class for values. Left out: JSON.");
  static final Setting<String> KEY_SERIALIZER =
      className(
          "key-serializer",
          "Kafka Serializer class for output keys that are neither bytes nor text. Left"
              + " out: JSON.");
  static final Setting<String> VALUE_SERIALIZER =
      className(
          "value-serializer",
          "Kafka Serializer class for output values that are neither bytes nor text."
              + " Left out: JSON.");
  static final Setting<JsonChoice> JSON =
      Setting.choice(
          "json",
          JsonChoice.STRICT,
          JsonChoice.class,
          "How JSON is read. strict: a value that is not exactly one document, or that"
              + " fits its type only after a change, becomes a dead letter. lenient: as"
              + " Micronaut Serde is configured.");

  private CodecSettings() {}

  private static Setting<String> className(String key, String meaning) {
    return Setting.text(key, "", "class", meaning);
  }
}
