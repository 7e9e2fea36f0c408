package io.exactlyonce.cli.load;

/**
 * Reason why one row cannot be sent, and what its owner can do about it; {@link #at} adds the line.
 */
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
