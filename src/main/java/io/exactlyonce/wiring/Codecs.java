package io.exactlyonce.wiring;

import io.exactlyonce.config.ConfigurationException;
import io.exactlyonce.config.PipelineConfig;
import io.exactlyonce.engine.InputCodec;
import io.exactlyonce.engine.OutputCodec;
import io.exactlyonce.handler.Keyed;
import io.micronaut.core.reflect.InstantiationUtils;
import io.micronaut.core.type.Argument;
import io.micronaut.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serializer;

/**
 * What a handler's generics ask for: bytes and text as they are, anything else as JSON, or by the
 * Kafka (de)serializer that the configuration names.
 *
 * @param common settings that such a (de)serializer is configured with
 */
record Codecs(JsonMapper json, PipelineConfig config, Map<String, Object> common) {

  /** Bytes, and the headers and topic they came with, to a value. */
  @FunctionalInterface
  private interface Decoder {
    Object decode(String topic, Headers headers, byte[] bytes) throws IOException;
  }

  /**
   * @param type the handler's generic argument; a {@link Keyed} decodes the key too
   */
  InputCodec<Object> input(Argument<?> type) {
    if (type.getType() != Keyed.class) {
      Decoder value =
          decoder(type, "value-deserializer", config.codecs().valueDeserializer(), false);
      return record -> value.decode(record.topic(), record.headers(), record.value());
    }
    Argument<?>[] parameters = type.getTypeParameters();
    Decoder key =
        decoder(parameters[0], "key-deserializer", config.codecs().keyDeserializer(), true);
    Decoder value =
        decoder(parameters[1], "value-deserializer", config.codecs().valueDeserializer(), false);
    return record ->
        new Keyed<>(
            record.key() == null
                ? null
                : key.decode(record.topic(), record.headers(), record.key()),
            value.decode(record.topic(), record.headers(), record.value()));
  }

  OutputCodec output() {
    String name = config.codecs().valueSerializer();
    if (name.isEmpty()) {
      return (topic, object) -> json.writeValueAsBytes(object);
    }
    @SuppressWarnings("unchecked")
    Serializer<Object> serializer =
        (Serializer<Object>) instance(Serializer.class, "value-serializer", name);
    serializer.configure(common, false);
    return serializer::serialize;
  }

  private Decoder decoder(Argument<?> type, String setting, String name, boolean isKey) {
    if (!name.isEmpty()) {
      Deserializer<?> deserializer = (Deserializer<?>) instance(Deserializer.class, setting, name);
      deserializer.configure(common, isKey);
      return deserializer::deserialize;
    }
    if (type.getType() == byte[].class) {
      return (topic, headers, bytes) -> bytes;
    }
    if (type.getType() == String.class) {
      return (topic, headers, bytes) -> new String(bytes, StandardCharsets.UTF_8);
    }
    return (topic, headers, bytes) -> json.readValue(bytes, type);
  }

  private Object instance(Class<?> wanted, String setting, String name) {
    Object made;
    try {
      made = InstantiationUtils.instantiate(name, Codecs.class.getClassLoader());
    } catch (RuntimeException e) {
      throw new ConfigurationException(
          config.key(setting),
          name,
          "cannot be made: "
              + e.getMessage()
              + "; name a class with a"
              + " public constructor without arguments");
    }
    if (!wanted.isInstance(made)) {
      throw new ConfigurationException(
          config.key(setting), name, "is no " + wanted.getName() + "; name one");
    }
    return made;
  }
}
