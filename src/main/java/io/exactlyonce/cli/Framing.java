package io.exactlyonce.cli;

/**
 * Decides which newline ends a row. Works on bytes: no byte of a UTF-8 sequence looks like ASCII.
 */
interface Framing {

  /** Takes the next byte of the row; true if it is the newline that ends it. */
  boolean endsAt(int b);

  /** Whether the row so far stands within quotes. */
  boolean quoted();

  /** Prepares for the next row. */
  void reset();

  /** One row a line. */
  final class Lines implements Framing {
    @Override
    public boolean endsAt(int b) {
      return b == '\n';
    }

    @Override
    public boolean quoted() {
      return false;
    }

    @Override
    public void reset() {}
  }

  /** RFC 4180: a newline within quotes belongs to the value. */
  final class Csv implements Framing {
    private enum At {
      /** Before a value's first byte, the only place where a quote opens. */
      START,
      /** Within a value that has no quotes around it. */
      BARE,
      /** Within quotes. */
      QUOTED,
      /** After a quote within quotes: it closes the value, or the next byte doubles it. */
      QUOTE
    }

    private final int delimiter;
    private At at = At.START;

    Csv(char delimiter) {
      this.delimiter = delimiter;
    }

    @Override
    public boolean endsAt(int b) {
      if (at == At.QUOTED) {
        at = b == '"' ? At.QUOTE : At.QUOTED;
        return false;
      }
      if (b == '"' && at != At.BARE) {
        at = At.QUOTED;
        return false;
      }
      at = b == delimiter ? At.START : At.BARE;
      return b == '\n';
    }

    @Override
    public boolean quoted() {
      return at == At.QUOTED;
    }

    @Override
    public void reset() {
      at = At.START;
    }
  }
}
