package io.exactlyonce.cli;

import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The rows under a CSV's header, each as a JSON object. Blank lines are passed over. */
final class CsvRows implements Rows {
  private final Frames frames;
  private final CsvDialect dialect;
  private final List<String> columns;
  private final CsvJson json;
  private final Keying keying;

  private CsvRows(
      Frames frames, CsvDialect dialect, List<String> columns, boolean inferTypes, Keying keying) {
    this.frames = frames;
    this.dialect = dialect;
    this.columns = columns;
    this.json = new CsvJson(columns, inferTypes);
    this.keying = keying;
  }

  /**
   * Reads the header.
   *
   * @throws LoadFailure if there is none, or it does not name each column once, or lacks a field
   *     that ids or keys are made of
   */
  static CsvRows open(Frames frames, CsvDialect dialect, boolean inferTypes, Keying keying)
      throws IOException, LoadFailure {
    Optional<Frames.Frame> first = nextFilled(frames);
    if (first.isEmpty()) {
      throw new LoadFailure("line 1: no header row; a CSV starts with the names of its columns");
    }
    if (first.get() instanceof Frames.Text header) {
      List<String> columns = header(header, dialect, keying);
      return new CsvRows(frames, dialect, columns, inferTypes, keying);
    }
    throw new LoadFailure(first.get().toString());
  }

  @Override
  public Optional<Reading> next() throws IOException {
    Optional<Frames.Frame> frame = nextFilled(frames);
    if (frame.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        frame.get() instanceof Frames.Text text ? row(text) : (Reading.Bad) frame.get());
  }

  private Reading row(Frames.Text frame) throws IOException {
    try {
      List<String> values = dialect.split(frame.text());
      if (values.size() != columns.size()) {
        throw new BadRow(
            values.size() + " columns where the header has " + columns.size(),
            "add or remove the difference, or quote values that contain the delimiter");
      }
      Map<String, String> fields = new HashMap<>();
      for (String field : keying.fields()) {
        fields.put(field, values.get(columns.indexOf(field)));
      }
      return keying.row(frame.line(), json.write(values), fields);
    } catch (BadRow bad) {
      return bad.at(frame.line());
    }
  }

  private static List<String> header(Frames.Text header, CsvDialect dialect, Keying keying)
      throws LoadFailure {
    try {
      List<String> columns = dialect.split(header.text());
      Set<String> seen = new HashSet<>();
      for (String column : columns) {
        if (column.isBlank() || !seen.add(column)) {
          throw new BadRow(
              "the header has a column " + (column.isBlank() ? "without name" : column + " twice"),
              "name each column once");
        }
      }
      for (String field : keying.fields()) {
        if (!seen.contains(field)) {
          throw new BadRow("no column \"" + field + "\"", "the columns are " + columns);
        }
      }
      return columns;
    } catch (BadRow bad) {
      throw new LoadFailure(bad.at(header.line()).toString());
    }
  }

  private static Optional<Frames.Frame> nextFilled(Frames frames) throws IOException {
    Optional<Frames.Frame> frame = frames.next();
    while (frame.isPresent() && frame.get() instanceof Frames.Text text && text.text().isEmpty()) {
      frame = frames.next();
    }
    return frame;
  }
}
