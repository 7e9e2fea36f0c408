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

  /** Why a value of another JSON type is refused; without the value. */
  String refusal(JsonToken found) {
    return "expected " + words + ", found " + words(found);
  }

  private static String words(JsonToken found) {
    return switch (found) {
      case VALUE_STRING -> "a text";
      case VALUE_TRUE, VALUE_FALSE -> "a boolean";
      case VALUE_NUMBER_INT -> "a whole number";
      case VALUE_NUMBER_FLOAT -> "a number with a point or an exponent";
      case VALUE_NULL -> "null";
      case START_ARRAY, END_ARRAY -> "an array";
      default -> "an object";
    };
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
