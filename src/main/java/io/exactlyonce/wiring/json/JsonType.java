package io.exactlyonce.wiring.json;

import com.fasterxml.jackson.core.JsonToken;

/** JSON type that a value must have in the document. */
enum JsonType {
  TEXT("a text"),
  BOOLEAN("true or false"),
  WHOLE("a whole number"),
  NUMBER("a number");

  private final String words;

  JsonType(String words) {
    this.words = words;
  }

  /** For messages. */
  String words() {
    return words;
  }

  boolean fits(JsonToken token) {
    return switch (this) {
      case TEXT -> token == JsonToken.VALUE_STRING;
      case BOOLEAN -> token == JsonToken.VALUE_TRUE || token == JsonToken.VALUE_FALSE;
      case WHOLE -> token == JsonToken.VALUE_NUMBER_INT;
      case NUMBER -> token == JsonToken.VALUE_NUMBER_INT || token == JsonToken.VALUE_NUMBER_FLOAT;
    };
  }
}
