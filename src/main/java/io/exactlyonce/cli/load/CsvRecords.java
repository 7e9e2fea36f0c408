package io.exactlyonce.cli.load;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** The rows of a CSV as their values, the header among them. Blank lines are passed over. */
interface CsvRecords {

  /** A row's values, or why it has none. */
  sealed interface Found permits Values, RowReader.Bad {}

  /** {@code line} is where the row starts, from 1. */
  record Values(long line, List<String> values) implements Found {}

  /**
   * The next row; empty at the end of the file. Goes on behind a row that is bad.
   *
   * @throws IOException if the file cannot be read further
   */
  Optional<Found> next() throws IOException;
}
