package io.exactlyonce.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Collection;

/** Result of a command for programs: one JSON object on one line. */
final class JsonLine {
  private static final JsonFactory JSON = new JsonFactory();

  private JsonLine() {}

  /** Writes the fields of the object. */
  @FunctionalInterface
  interface Fields {
    void write(JsonGenerator json) throws IOException;
  }

  /** Writes the fields of an object that stands for an item. */
  @FunctionalInterface
  interface FieldsOf<T> {
    void write(JsonGenerator json, T item) throws IOException;
  }

  static String of(Fields fields) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      json.writeStartObject();
      fields.write(json);
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("a string cannot fail", e);
    }
    return text + System.lineSeparator();
  }

  /** Writes a field with an array of objects, one for each item. */
  static <T> void objects(
      JsonGenerator json, String name, Collection<? extends T> items, FieldsOf<T> fields)
      throws IOException {
    json.writeArrayFieldStart(name);
    for (T item : items) {
      json.writeStartObject();
      fields.write(json, item);
      json.writeEndObject();
    }
    json.writeEndArray();
  }
}
