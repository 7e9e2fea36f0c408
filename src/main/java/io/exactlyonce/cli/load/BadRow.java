package io.exactlyonce.cli.load;

/** What is wrong with one row, and what its owner can do; the reader adds where it stands. */
final class BadRow extends Exception {
  private static final long serialVersionUID = 1L;

  private final String remedy;

  BadRow(String what, String remedy) {
    super(what);
    this.remedy = remedy;
  }

  RowReader.Bad at(long line) {
    return new RowReader.Bad(line, String.valueOf(getMessage()), remedy);
  }
}
