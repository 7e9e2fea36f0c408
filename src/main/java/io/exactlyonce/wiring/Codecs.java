package io.exactlyonce.wiring;

import io.exactlyonce.config.ConfigurationException;
import io.exactlyonce.config.PipelineConfig;
import io.exactlyonce.config.Secrets;
import io.exactlyonce.config.value.JsonChoice;
import io.exactlyonce.engine.spi.InputCodec;
import io.exactlyonce.engine.spi.OutputCodec;
import io.exactlyonce.handler.Keyed;
import io.exactlyonce.wiring.json.StrictJson;
import io.exactlyonce.wiring.serde.Outages;
import io.exactlyonce.wiring.serde.RegistryAddress;
import io.exactlyonce.wiring.serde.SerdeCalls;
import io.micronaut.core.reflect.InstantiationUtils;
import io.micronaut.core.type.Argument;
import io.micronaut.json.JsonMapper;
import io.micronaut.serde.exceptions.SerdeException;
import java.io.Closeable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Codecs for a handler's type argument: bytes and text as they are, anything else as JSON, or by
 * the Kafka (de)serializer that the configuration names.
 *
 * @param common settings of all Kafka clients, passed to such a (de)serializer
 * @param calls makes the calls of those (de)serializers, which may ask a schema registry
 * @param made the (de)serializers that were made, to be closed with the pipeline
 */
record Codecs(
    JsonMapper json,
    StrictJson strict,
    PipelineConfig config,
    Map<String, Object> common,
    SerdeCalls calls,
    List<Closeable> made)
    implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Codecs.class);

  Codecs(JsonMapper json, StrictJson strict, PipelineConfig config, Map<String, Object> common) {
    this(
        json,
        strict,
        config,
        common,
        new SerdeCalls(
            config.name(),
            config.codecs().registryTimeout(),
            new Outages(config.codecs().registryAwayOn())),
        new ArrayList<>());
  }

  /** Decodes bytes of a record that has this topic and these headers. */
  @FunctionalInterface
  private interface Decoder {
    Object decode(String topic, Headers headers, byte[] bytes) throws Exception;
  }

  /** Encodes an object for a record that has this topic and these headers. */
  @FunctionalInterface
  private interface Encoder {
    byte[] encode(String topic, Headers headers, @Nullable Object object) throws Exception;
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
    Encoder key = encoder("key-serializer", config.codecs().keySerializer(), true);
    Encoder value = encoder("value-serializer", config.codecs().valueSerializer(), false);
    return (topic, headers, isKey, object) -> (isKey ? key : value).encode(topic, headers, object);
  }

  private Encoder encoder(String setting, String name, boolean isKey) {
    if (name.isEmpty()) {
      return (topic, headers, object) -> json.writeValueAsBytes(object);
    }
    @SuppressWarnings("unchecked")
    Serializer<Object> serializer = (Serializer<Object>) instance(Serializer.class, setting, name);
    made.add(serializer);
    Map<String, Object> settings = settings(config.producerOverrides());
    configure(setting, name, settings, () -> serializer.configure(settings, isKey));
    String asked = asked(setting, settings);
    return (topic, headers, object) ->
        calls.call(asked, () -> serializer.serialize(topic, headers, object));
  }

  private String asked(String setting, Map<String, Object> settings) {
    calls.watch();
    return RegistryAddress.of(setting, settings);
  }

  /**
   * Configures a (de)serializer. Its code may throw anything, and quote any setting in the message.
   */
  private void configure(
      String setting, String name, Map<String, Object> settings, Runnable configuring) {
    try {
      configuring.run();
    } catch (RuntimeException | Error e) {
      throw new ConfigurationException(
          config.key(setting),
          name,
          "cannot be configured: "
              + StartFailure.reason(e, new Secrets(settings))
              + "; correct its settings below kafka, or below the pipeline's consumer and producer");
    }
  }

  /**
   * The settings as a Kafka client passes them on: the common ones, with the pipeline's own over
   * them.
   */
  private Map<String, Object> settings(Map<String, String> own) {
    Map<String, Object> all = new HashMap<>(common);
    all.putAll(own);
    return all;
  }

  private Decoder decoder(Argument<?> type, String setting, String name, boolean isKey) {
    if (!name.isEmpty()) {
      Deserializer<?> deserializer = (Deserializer<?>) instance(Deserializer.class, setting, name);
      made.add(deserializer);
      Map<String, Object> settings = settings(config.consumerOverrides());
      configure(setting, name, settings, () -> deserializer.configure(settings, isKey));
      String asked = asked(setting, settings);
      return (topic, headers, bytes) ->
          calls.call(asked, () -> deserializer.deserialize(topic, headers, bytes));
    }
    if (type.getType() == byte[].class) {
      return (topic, headers, bytes) -> bytes;
    }
    if (type.getType() == String.class) {
      return (topic, headers, bytes) -> new String(bytes, StandardCharsets.UTF_8);
    }
    if (config.codecs().json() == JsonChoice.LENIENT) {
      return (topic, headers, bytes) -> json.readValue(bytes, type);
    }
    try {
      StrictJson.Reader reader = strict.reader(type);
      return (topic, headers, bytes) -> reader.read(bytes);
    } catch (SerdeException e) {
      throw new ConfigurationException(
          config.key(setting),
          "(empty)",
          "no JSON can be read as "
              + type
              + ": "
              + e.getMessage()
              + "; annotate the type with @Serdeable, or name a deserializer");
    }
  }

  private Object instance(Class<?> wanted, String setting, String name) {
    Object made;
    try {
      made = InstantiationUtils.instantiate(name, Codecs.class.getClassLoader());
    } catch (RuntimeException | LinkageError e) { // such as a static initializer that throws
      throw new ConfigurationException(
          config.key(setting),
          name,
          "cannot be made: "
              + StartFailure.reason(e, new Secrets(common))
              + "; name a class with a"
              + " public constructor without arguments");
    }
    if (!wanted.isInstance(made)) {
      throw new ConfigurationException(
          config.key(setting),
          name,
          "does not implement " + wanted.getName() + "; name a class that does");
    }
    return made;
  }

  /**
   * Closes each (de)serializer that was made, once. The failure of one does not keep others open.
   */
  @Override
  public void close() {
    for (Closeable each : made) {
      try {
        each.close();
      } catch (Throwable e) { // whatever the class throws: the others are closed all the same
        LOG.warn(
            "{}: {} did not close: {}", config.name(), each.getClass().getName(), e.toString());
      }
    }
    made.clear();
    calls.close();
  }
}
