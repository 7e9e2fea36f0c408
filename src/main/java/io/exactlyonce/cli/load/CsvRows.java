package io.exactlyonce.cli.load;

import io.exactlyonce.cli.common.CommandFailure;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Rows below the header of a CSV, each as a JSON object. */
final class CsvRows implements Rows {
  private final CsvRecords records;
  private final List<String> columns;
  private final CsvJson json;
  private final RowIdentity identity;

  private CsvRows(
      CsvRecords records, List<String> columns, boolean inferTypes, RowIdentity identity) {
    this.records = records;
    this.columns = columns;
    this.json = new CsvJson(columns, inferTypes);
    this.identity = identity;
  }

  /**
   * Reads the header.
   *
   * @throws CommandFailure if there is none; or it does not name each column once, lacks a field
   *     that ids or keys are made of, or seems to have another delimiter
   */
  static CsvRows open(TextLines text, CsvDialect dialect, boolean inferTypes, RowIdentity identity)
      throws IOException, CommandFailure {
    CsvDialect said = dialect.asSaid(text);
    CsvRecords records = said.records(text);
    Optional<CsvRecords.Found> first = records.next();
    if (first.isEmpty()) {
      throw new CommandFailure("line 1: no header row; a CSV starts with the names of its columns");
    }
    if (first.get() instanceof CsvRecords.Values header) {
      return new CsvRows(records, header(header, said, identity), inferTypes, identity);
    }
    throw new CommandFailure(first.get().toString());
  }

  @Override
  public Optional<RowReader> next() throws IOException {
    Optional<CsvRecords.Found> found = records.next();
    if (found.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        found.get() instanceof CsvRecords.Values values
            ? row(values)
            : (RowReader.Bad) found.get());
  }

  private RowReader row(CsvRecords.Values row) throws IOException {
    try {
      List<String> values = row.values();
      if (values.size() != columns.size()) {
        throw new BadRow(
            values.size() + " columns where the header has " + columns.size(),
            "add or remove the difference, or quote values that contain the delimiter");
      }
      Map<String, String> fields = new HashMap<>();
      for (String field : identity.fields()) {
        fields.put(field, values.get(columns.indexOf(field)));
      }
      return identity.row(row.line(), json.write(values), fields);
    } catch (BadRow bad) {
      return bad.at(row.line());
    }
  }

  private static List<String> header(
      CsvRecords.Values header, CsvDialect dialect, RowIdentity identity) throws CommandFailure {
    try {
      List<String> columns = header.values();
      dialect.check(columns);
      Set<String> seen = new HashSet<>();
      for (String column : columns) {
        if (column.isBlank() || !seen.add(column)) {
          throw new BadRow(
              "the header has a column " + (column.isBlank() ? "without name" : column + " twice"),
              "name each column once");
        }
      }
      for (String field : identity.fields()) {
        if (!seen.contains(field)) {
          throw new BadRow("no column \"" + field + "\"", "the columns are " + columns);
        }
      }
      return columns;
    } catch (BadRow bad) {
      throw new CommandFailure(bad.at(header.line()).toString());
    }
  }
}
