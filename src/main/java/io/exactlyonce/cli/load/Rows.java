package io.exactlyonce.cli.load;

import java.io.IOException;
import java.util.Optional;

/** The rows of one file, in their order. */
interface Rows {

  /**
   * The next row or bad line; empty at the end of the file.
   *
   * @throws IOException if the file cannot be read further
   */
  Optional<RowReader> next() throws IOException;
}
