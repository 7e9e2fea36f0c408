package io.exactlyonce.cli;

import java.util.ArrayList;
import java.util.List;

/** Splits the text of one CSV row into its values. */
final class CsvFields {
  private final String text;
  private final CsvDialect dialect;
  private int at;

  private CsvFields(String text, CsvDialect dialect) {
    this.text = text;
    this.dialect = dialect;
  }

  /**
   * The values of a row.
   *
   * <p>A quote within a value that does not start with one stands for itself, as in {@code 5"
   * disk}: the RFC forbids it, though many programs write it and it can mean nothing else.
   *
   * @throws BadRow if text follows a closing quote
   */
  static List<String> split(String text, CsvDialect dialect) throws BadRow {
    return new CsvFields(text, dialect).all();
  }

  private List<String> all() throws BadRow {
    List<String> values = new ArrayList<>();
    values.add(next(1));
    while (at < text.length()) {
      at++; // the delimiter
      values.add(next(values.size() + 1));
    }
    return values;
  }

  private String next(int column) throws BadRow {
    if (dialect.quotes() && at < text.length() && text.charAt(at) == '"') {
      return quoted(column);
    }
    int end = text.indexOf(dialect.delimiter(), at);
    String value = text.substring(at, end < 0 ? text.length() : end);
    at += value.length();
    return value;
  }

  private String quoted(int column) throws BadRow {
    StringBuilder value = new StringBuilder();
    at++;
    while (true) {
      int quote = text.indexOf('"', at);
      if (quote < 0) {
        throw new BadRow("the quote that opens column " + column + " is never closed", "close it");
      }
      value.append(text, at, quote);
      at = quote + 1;
      if (at == text.length() || text.charAt(at) == dialect.delimiter()) {
        return value.toString();
      }
      if (text.charAt(at) != '"') {
        throw new BadRow(
            "text after the closing quote of column " + column,
            "double each quote that belongs to the value (\"\"), or give --no-quotes if all are text");
      }
      value.append('"');
      at++;
    }
  }
}
