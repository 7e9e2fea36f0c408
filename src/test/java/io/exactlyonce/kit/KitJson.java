package io.exactlyonce.kit;

import java.io.IOException;

/** How the kit writes and reads values that are neither bytes nor text. */
public interface KitJson {

  byte[] write(Object value) throws IOException;

  <T> T read(byte[] bytes, Class<T> type) throws IOException;

  /** What {@link #write} does, as {@code mapper::writeValueAsBytes}. */
  @FunctionalInterface
  interface Writer {
    byte[] write(Object value) throws IOException;
  }

  /** What {@link #read} does, as {@code mapper::readValue}. */
  @FunctionalInterface
  interface Reader {
    <T> T read(byte[] bytes, Class<T> type) throws IOException;
  }

  /** By any library: {@code KitJson.of(mapper::writeValueAsBytes, mapper::readValue)}. */
  static KitJson of(Writer writer, Reader reader) {
    return new KitJson() {
      @Override
      public byte[] write(Object value) throws IOException {
        return writer.write(value);
      }

      @Override
      public <T> T read(byte[] bytes, Class<T> type) throws IOException {
        return reader.read(bytes, type);
      }
    };
  }
}
