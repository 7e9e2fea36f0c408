package io.exactlyonce.cli.load;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Makes the event ids and keys of rows.
 *
 * @param idField field whose value is the event id; empty: {@code idPrefix:line}
 * @param idPrefix of ids without {@code idField}
 * @param keyField field whose value is the key of the record; empty: the event id
 */
record RowIdentity(Optional<String> idField, String idPrefix, Optional<String> keyField) {

  /** Fields that a reader has to take from each row. */
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
  RowReader.Row row(long line, byte[] value, Map<String, String> fields) throws BadRow {
    String id =
        idField.isEmpty() ? idPrefix + ":" + line : value(fields, idField.get(), "--id-field");
    String key = keyField.isEmpty() ? id : value(fields, keyField.get(), "--key-field");
    return new RowReader.Row(line, id, key.getBytes(StandardCharsets.UTF_8), value);
  }

  private static String value(Map<String, String> fields, String name, String option)
      throws BadRow {
    String value = fields.get(name);
    if (value == null) {
      throw wrong(name, "missing or null", option);
    }
    if (value.isBlank()) {
      throw wrong(name, "empty or blank", option);
    }
    // UTF-8 cannot encode half a surrogate pair: every one of them would become the same question
    // mark.
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(value)) {
      String half =
          "no text: it has half a surrogate pair, which no encoding can tell from another";
      throw wrong(name, half, option);
    }
    return value;
  }

  private static BadRow wrong(String name, String what, String option) {
    return new BadRow(
        "field \"" + name + "\" is " + what,
        "give the row one, or name another field with " + option);
  }
}
