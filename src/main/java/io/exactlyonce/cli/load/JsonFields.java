package io.exactlyonce.cli.load;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Checks that a text is one JSON object, and reads some of its fields; {@code a.b} is the field b
 * of the object a.
 */
final class JsonFields {
  /** Refuses a key that occurs twice, as pipelines do: readers would disagree on its value. */
  private final JsonFactory json =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private final List<String> wanted;

  JsonFields(List<String> wanted) {
    this.wanted = List.copyOf(wanted);
  }

  /**
   * The values of the wanted fields by name; those that are absent are left out, and a JSON null is
   * null.
   *
   * @throws BadRow if the text is not a JSON object, or a wanted field is not a plain value
   */
  Map<String, String> read(String text) throws IOException, BadRow {
    Map<String, String> found = new HashMap<>();
    try (JsonParser parser = json.createParser(text)) {
      JsonToken first = parser.nextToken();
      if (first != JsonToken.START_OBJECT) {
        throw notAnObject(first);
      }
      readObject(parser, "", found);
      if (parser.nextToken() != null) {
        throw new BadRow("more than one JSON value on the line", "put each on a line of its own");
      }
    } catch (StreamConstraintsException beyond) {
      throw new BadRow(
          "beyond what a reader of JSON takes: " + beyond.getOriginalMessage(),
          "make it smaller or flatter; a pipeline could not read it either");
    } catch (JsonProcessingException invalid) {
      throw new BadRow(
          "not JSON"
              + (invalid.getLocation() == null
                  ? ""
                  : " at column " + invalid.getLocation().getColumnNr())
              + ": "
              + invalid.getOriginalMessage().replaceAll("\\s+", " "),
          "correct it, or give --format csv if the file is a CSV");
    }
    return found;
  }

  private void readObject(JsonParser parser, String prefix, Map<String, String> found)
      throws IOException, BadRow {
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String path = prefix + parser.currentName();
      JsonToken value = parser.nextToken();
      if (wanted.contains(path)) {
        take(parser, value, path, found);
      } else if (value == JsonToken.START_OBJECT && leadsToWanted(path)) {
        readObject(parser, path + ".", found);
      } else {
        parser.skipChildren();
      }
    }
  }

  private static void take(
      JsonParser parser, JsonToken value, String path, Map<String, String> found)
      throws IOException, BadRow {
    if (value.isStructStart()) {
      throw new BadRow(
          "field \"" + path + "\" is an object or array",
          "name a field that holds a string, number or boolean");
    }
    if (found.containsKey(path)) {
      throw new BadRow(
          "field \"" + path + "\" is there twice", "leave one: readers take different ones");
    }
    found.put(path, value == JsonToken.VALUE_NULL ? null : parser.getText());
  }

  private boolean leadsToWanted(String path) {
    return wanted.stream().anyMatch(name -> name.startsWith(path + "."));
  }

  private static BadRow notAnObject(JsonToken first) {
    return first == JsonToken.START_ARRAY
        ? new BadRow(
            "a JSON array, not an object", "one object a line is needed: jq -c '.[]' makes them")
        : new BadRow("JSON, but not an object", "wrap the value in an object");
  }
}
