package io.exactlyonce.cli.load;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Rows of a CSV as lists of values, the header included. Blank lines are skipped. */
interface CsvRecords {

  /** The values of a row, or the reason why it cannot be read. */
  sealed interface Found permits Values, RowReader.Bad {}

  /**
   * The values of a row.
   *
   * @param line on which the row begins, from 1
   */
  record Values(long line, List<String> values) implements Found {}

  /**
   * The next row; empty at the end of the file. After a bad row it goes on with the next one.
   *
   * @throws IOException if the file cannot be read further
   */
  Optional<Found> next() throws IOException;
}
