package io.exactlyonce.cli;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a row's event id and key are made of.
 *
 * @param idField the field whose value is the event id; empty numbers the rows by their lines
 * @param idPrefix what stands before the line number where there is no {@code idField}
 * @param keyField the field whose value is the record's key; empty takes the event id
 */
record Keying(Optional<String> idField, String idPrefix, Optional<String> keyField) {

  /** The fields that a reader has to take from each row. */
  List<String> fields() {
    List<String> fields = new ArrayList<>();
    idField.ifPresent(fields::add);
    keyField.ifPresent(fields::add);
    return fields;
  }

  /**
   * The row to send.
   *
   * @param fields the values of {@link #fields()} as far as the row has them
   * @throws BadRow if one of them is absent, null or empty
   */
  Reading.Row row(long line, byte[] value, Map<String, String> fields) throws BadRow {
    String id =
        idField.isEmpty() ? idPrefix + ":" + line : value(fields, idField.get(), "--id-field");
    String key = keyField.isEmpty() ? id : value(fields, keyField.get(), "--key-field");
    return new Reading.Row(line, id, key.getBytes(StandardCharsets.UTF_8), value);
  }

  private static String value(Map<String, String> fields, String name, String option)
      throws BadRow {
    String value = fields.get(name);
    if (value == null || value.isEmpty()) {
      throw new BadRow(
          "field \"" + name + "\" is " + (value == null ? "missing or null" : "empty"),
          "give the row one, or name another field with " + option);
    }
    return value;
  }
}
