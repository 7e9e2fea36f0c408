package io.exactlyonce.engine.spi;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/** What a handler returned to bytes. Called by several handler threads at once. */
@FunctionalInterface
public interface OutputCodec {
  /**
   * @param headers of the output so far; what is added to them is sent
   * @param isKey whether it is the output's key, else its value
   * @param object neither null nor bytes nor text
   * @throws Backend.UnreachableException where what it asks, such as a schema registry, is away:
   *     the source record waits
   * @throws Exception where it cannot be written: its source record becomes a dead letter
   */
  byte[] encode(String topic, Headers headers, boolean isKey, @Nullable Object object)
      throws Exception;

  /** Bytes as they are, text as UTF-8, anything else by {@link #encode}. */
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
