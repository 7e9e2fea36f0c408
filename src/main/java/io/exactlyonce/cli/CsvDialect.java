package io.exactlyonce.cli;

import java.util.List;

/**
 * How a CSV is written.
 *
 * @param delimiter between the columns, ASCII
 * @param quotes whether quotes enclose values, as in RFC 4180; if not they are plain text, as in
 *     most tab-separated files, and a value holds neither delimiter nor newline
 */
record CsvDialect(char delimiter, boolean quotes) {

  Framing framing() {
    return quotes ? new Framing.Csv(delimiter) : new Framing.Lines();
  }

  /**
   * The values of a row.
   *
   * @throws BadRow if its quotes make no sense
   */
  List<String> split(String row) throws BadRow {
    return CsvFields.split(row, this);
  }
}
