package io.exactlyonce.config;

import io.exactlyonce.config.value.JsonChoice;
import io.exactlyonce.config.value.TombstoneChoice;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** The settings of how records' keys and values are read and written. */
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

  static final Setting<Duration> REGISTRY_TIMEOUT =
      Setting.duration(
          "registry.timeout",
          "10s",
          Duration.ZERO,
          "Time limit of one call of a named (de)serializer, which may ask a schema registry."
              + " After it the call is interrupted, and the record waits as where the registry"
              + " is away. 0s: no limit.");
  static final Setting<List<String>> REGISTRY_AWAY_ON =
      Setting.names(
          "registry.away-on",
          "",
          "classes",
          "Exceptions of a named (de)serializer, subclasses included, that mean that its schema"
              + " registry does not answer, in addition to those of the manual's table. The record"
              + " then waits.");
  static final Setting<TombstoneChoice> TOMBSTONES =
      Setting.choice(
          "tombstones",
          TombstoneChoice.DEAD_LETTER,
          TombstoneChoice.class,
          "What becomes of a record without a value, which no handler gets. skip: it is"
              + " counted as skipped, also where it has no event id.");

  private CodecSettings() {}

  static PipelineConfig.Codecs read(String pipeline, Map<String, String> raw) {
    return new PipelineConfig.Codecs(
        KEY_DESERIALIZER.read(pipeline, raw),
        VALUE_DESERIALIZER.read(pipeline, raw),
        KEY_SERIALIZER.read(pipeline, raw),
        VALUE_SERIALIZER.read(pipeline, raw),
        JSON.read(pipeline, raw),
        REGISTRY_TIMEOUT.read(pipeline, raw),
        REGISTRY_AWAY_ON.read(pipeline, raw),
        TOMBSTONES.read(pipeline, raw));
  }

  private static Setting<String> className(String key, String meaning) {
    return Setting.text(key, "", "class", meaning);
  }
}
