package io.exactlyonce.cli.load;

import java.io.IOException;
import java.io.Reader;
import org.jspecify.annotations.Nullable;

/**
 * Reader that hands a CSV to its parser one line at a time. What the parser has not read yet is
 * then the next row: so the line on which a row begins is known, its length is bounded, and after a
 * refused row another parser can go on with the next one. Not thread-safe.
 */
final class CsvLines extends Reader {
  /** The row is longer than allowed; it has been skipped. */
  static final class TooLongException extends IOException {
    private static final long serialVersionUID = 1L;
    private final transient BadRow row;

    private TooLongException(BadRow row) {
      this.row = row;
    }

    BadRow row() {
      return row;
    }
  }

  private static final char[] NEWLINE = {'\n'};

  private final TextLines lines;
  private final int maxBytes;
  private char[] given = {};
  private int at;
  private int end;
  private boolean lastEnded = true;
  private int ending;
  private long row;
  private long bytes;
  private long quotes;
  private boolean ended;
  private @Nullable BadRow problem;

  CsvLines(TextLines lines, int maxBytes) {
    this.lines = lines;
    this.maxBytes = maxBytes;
    lines.limit(maxBytes);
  }

  /** Begins the next row, with what is read next. */
  void beginRow() {
    row = 0;
    bytes = 0;
    quotes = 0;
    ended = false;
    problem = null;
  }

  /** The line on which the row starts, from 1. */
  long row() {
    return row;
  }

  /**
   * Checks the row that was read.
   *
   * @throws BadRow where it cannot be sent
   */
  void check() throws BadRow {
    if (ended) {
      throw new BadRow(
          "a quote opened here is not closed by the end of the file",
          "close it, or double it if it belongs to the value (\"\"), or give --no-quotes");
    }
    if (problem != null) {
      throw problem;
    }
  }

  /** Skips the rest of a row, to the line at which its quotes are balanced. */
  void skipRow() throws IOException {
    at = end;
    while (quotes % 2 != 0 && advance()) {
      at = end;
    }
  }

  @Override
  public int read(char[] into, int offset, int length) throws IOException {
    if (at == end) {
      if (!advance()) {
        ended = true;
        return -1;
      }
      if (bytes > maxBytes) {
        skipRow();
        throw new TooLongException(TextLines.tooLong(maxBytes, extent()));
      }
    }
    int give = Math.min(length, end - at);
    System.arraycopy(given, at, into, offset, give);
    at += give;
    return give;
  }

  /**
   * Takes the next line; the last one of the file gets an ending if it has none. False at the end.
   */
  private boolean advance() throws IOException {
    if (!lastEnded) {
      lastEnded = true;
      give(NEWLINE, 1);
      return true;
    }
    if (!lines.next()) {
      return false;
    }
    if (bytes == 0) {
      row = lines.number();
    }
    bytes += lines.bytes() + (bytes == 0 ? 0 : ending);
    ending = lines.ending();
    quotes += lines.quotes();
    lastEnded = ending > 0;
    give(lines.chars(), lines.charsWithEnding());
    try {
      lines.checkCharacters();
    } catch (BadRow bad) {
      problem = problem == null ? bad : problem;
    }
    return true;
  }

  private void give(char[] from, int length) {
    given = from;
    at = 0;
    end = length;
  }

  /**
   * Where a row that is too long ends, if it has several lines: most often a stray quote is the
   * cause.
   */
  private String extent() {
    return lines.number() > row
        ? " (it runs to line " + lines.number() + ": is a quote left open?)"
        : "";
  }

  @Override
  public void close() {}
}
