package io.exactlyonce.cli.load;

import java.io.IOException;
import java.io.Reader;
import org.jspecify.annotations.Nullable;

/**
 * Gives a CSV to its parser line by line, so that what the parser has not asked for yet is the next
 * row: its line is known, its length is bounded, and after a row that is refused another parser can
 * go on behind it. Not thread-safe.
 */
final class CsvLines extends Reader {
  /** The row is longer than allowed; it has been passed over. */
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

  /** What is read from now on belongs to the next row. */
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

  /** Refuses a row that was read and cannot be sent. */
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

  /** Passes over the rest of a row, as far as its quotes tell where it ends. */
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

  /** The next line, with an ending even where the file's last one has none. */
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
   * Rows over several lines are most often too long because of a stray quote: say how far it went.
   */
  private String extent() {
    return lines.number() > row
        ? " (it runs to line " + lines.number() + ": is a quote left open?)"
        : "";
  }

  @Override
  public void close() {}
}
