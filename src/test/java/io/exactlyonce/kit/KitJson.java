package io.exactlyonce.kit;

import java.io.IOException;

/** Codec of the kit for values that are neither bytes nor text. */
public interface KitJson {

  byte[] write(Object value) throws IOException;

  <T> T read(byte[] bytes, Class<T> type) throws IOException;

  /** Function for {@link KitJson#write}, such as {@code mapper::writeValueAsBytes}. */
  @FunctionalInterface
  interface Writer {
    byte[] write(Object value) throws IOException;
  }

  /** Function for {@link KitJson#read}, such as {@code mapper::readValue}. */
  @FunctionalInterface
  interface Reader {
    <T> T read(byte[] bytes, Class<T> type) throws IOException;
  }

  /** A codec of any library: {@code KitJson.of(mapper::writeValueAsBytes, mapper::readValue)}. */
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
