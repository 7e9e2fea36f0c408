package io.exactlyonce.engine.spi;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/**
 * Encodes the keys and values that a handler returned. Called by several handler threads at once.
 */
@FunctionalInterface
public interface OutputCodec {
  /**
   * @param headers headers of the output so far; what is added to them is sent
   * @param isKey whether the object is the output's key; otherwise it is its value
   * @param object neither null nor bytes nor text
   * @throws Backend.UnreachableException where a service that it needs, such as a schema registry,
   *     does not answer: the source record waits
   * @throws Exception where the object cannot be encoded: the source record becomes a dead letter
   */
  byte[] encode(String topic, Headers headers, boolean isKey, @Nullable Object object)
      throws Exception;

  /** Encodes any object: bytes as they are, text as UTF-8, anything else by {@link #encode}. */
  default byte @Nullable [] bytes(
      String topic, Headers headers, boolean isKey, @Nullable Object object) throws Exception {
    if (object == null) {
      return null;
    }
    if (object instanceof byte[] bytes) {
      return bytes;
    }
    return object instanceof String text
        ? text.getBytes(StandardCharsets.UTF_8)
        : encode(topic, headers, isKey, object);
  }
}
