package io.exactlyonce.cli.load;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.regex.Pattern;

/** Writes CSV rows as JSON objects whose fields are the header's columns, in their order. */
final class CsvJson {
  /**
   * A number by the grammar of JSON (RFC 8259), in which 007, +1, 1. and .5 are none: they stay
   * text.
   */
  private static final Pattern NUMBER =
      Pattern.compile("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?");

  // Writes characters beyond the basic plane as UTF-8; by default each becomes two escapes.
  private final JsonFactory json =
      new JsonFactoryBuilder().enable(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8).build();
  private final List<String> columns;
  private final boolean inferTypes;

  /**
   * @param inferTypes whether JSON numbers, true and false lose their quotes
   */
  CsvJson(List<String> columns, boolean inferTypes) {
    this.columns = List.copyOf(columns);
    this.inferTypes = inferTypes;
  }

  byte[] write(List<String> values) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream(256);
    try (JsonGenerator generator = json.createGenerator(out)) {
      generator.writeStartObject();
      for (int i = 0; i < columns.size(); i++) {
        generator.writeFieldName(columns.get(i));
        writeValue(generator, values.get(i));
      }
      generator.writeEndObject();
    }
    return out.toByteArray();
  }

  private void writeValue(JsonGenerator generator, String value) throws IOException {
    if (inferTypes && (value.equals("true") || value.equals("false"))) {
      generator.writeBoolean(value.equals("true"));
    } else if (inferTypes && NUMBER.matcher(value).matches()) {
      generator.writeNumber(value);
    } else {
      generator.writeString(value);
    }
  }
}
