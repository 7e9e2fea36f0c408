package io.exactlyonce.engine;

import java.nio.charset.StandardCharsets;

/** What a handler returned to bytes. Called by several handler threads at once. */
@FunctionalInterface
public interface OutputCodec {
  /**
   * @param object neither null nor bytes nor text
   * @throws Exception where it cannot be written: its source record becomes a dead letter
   */
  byte[] encode(String topic, Object object) throws Exception;

  /** Bytes as they are, text as UTF-8, anything else by {@link #encode}. */
  default byte[] bytes(String topic, Object object) throws Exception {
    if (object == null) {
      return null;
    }
    if (object instanceof byte[] bytes) {
      return bytes;
    }
    return object instanceof String text
        ? text.getBytes(StandardCharsets.UTF_8)
        : encode(topic, object);
  }
}
