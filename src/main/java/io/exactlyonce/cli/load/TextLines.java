package io.exactlyonce.cli.load;

import java.io.IOException;
import java.io.Reader;
import java.util.Arrays;
import java.util.Optional;

/**
 * Lines of a text, one at a time; LF, CRLF and CR end a line. It keeps one line, and of that no
 * more than the limit, whatever the length of the file. Not thread-safe.
 */
final class TextLines {
  private static final int CHUNK = 64 * 1024;
  private static final char BYTE_ORDER_MARK = '\uFEFF';

  private final Reader in;
  private final String encoding;
  private final char[] chunk = new char[CHUNK];
  private int at;
  private int end;

  // The line with its ending; of a line that is too long only the beginning.
  private char[] line = new char[1024];
  private int kept;
  private int ending;
  private long number;
  private long length;
  private long bytes;
  private int quotes;
  private boolean nul;
  private boolean mark;
  private boolean malformed;
  private boolean afterHigh;
  private int most = Integer.MAX_VALUE - 2;

  /**
   * @param in decodes to {@link Encoding#MALFORMED} what is invalid
   * @param encoding its name, for messages
   */
  TextLines(Reader in, String encoding) {
    this.in = in;
    this.encoding = encoding;
  }

  /** Sets the length up to which a line is kept, in bytes of UTF-8 without its ending. */
  void limit(int maxBytes) {
    most = maxBytes;
  }

  /**
   * The next character that is not white space, without consuming anything; -1 if there is none
   * within the buffer of 64 Ki characters.
   */
  int peek() throws IOException {
    int ahead = 0;
    do {
      for (; at + ahead < end; ahead++) {
        if (!Character.isWhitespace(chunk[at + ahead])) {
          return chunk[at + ahead];
        }
      }
    } while (fill());
    return -1;
  }

  /**
   * The next line, without consuming it, if it has an ending and at most {@code mostChars}
   * characters.
   */
  Optional<String> peekLine(int mostChars) throws IOException {
    for (int ahead = 0; ahead <= mostChars && (at + ahead < end || fill()); ahead++) {
      if (chunk[at + ahead] == '\n' || chunk[at + ahead] == '\r') {
        return Optional.of(new String(chunk, at, ahead));
      }
    }
    return Optional.empty();
  }

  /**
   * Reads the next line; false at the end of the text. A line ending at the very end begins no
   * further line.
   */
  boolean next() throws IOException {
    begin();
    while (at < end || fill()) {
      int from = at;
      at = scan(from);
      keep(from, at);
      if (at < end) {
        takeEnding();
        number++;
        return true;
      }
    }
    if (length > 0) {
      number++;
    }
    return length > 0;
  }

  private void begin() {
    kept = 0;
    ending = 0;
    length = 0;
    bytes = 0;
    quotes = 0;
    nul = false;
    mark = false;
    malformed = false;
    afterHigh = false;
  }

  /**
   * The end of the line in the chunk, or of the chunk; records the properties of what it passes.
   */
  private int scan(int from) {
    int i = from;
    for (; i < end; i++) {
      char c = chunk[i];
      // The most frequent characters, which need no check below.
      if (c > '"' && c < 0x80) {
        continue;
      }
      if (c == '\n' || c == '\r') {
        break;
      }
      note(c, i == from && length == 0);
    }
    bytes += i - from;
    return i;
  }

  private void note(char c, boolean first) {
    if (c == '"') {
      quotes++;
    } else if (c == 0) {
      nul = true;
    } else if (Character.isHighSurrogate(c)) {
      bytes++;
      afterHigh = true;
    } else if (Character.isLowSurrogate(c)) {
      bytes++;
      malformed |= !afterHigh;
      afterHigh = false;
    } else if (c >= 0x80) {
      bytes += c < 0x800 ? 1 : 2;
      mark |= first && c == BYTE_ORDER_MARK;
    }
  }

  private void keep(int from, int to) {
    length += to - from;
    int take = (int) Math.min(to - from, Math.max(0L, (long) most - kept));
    if (kept + take + 2 > line.length) {
      line = Arrays.copyOf(line, Math.max(kept + take + 2, line.length * 2));
    }
    System.arraycopy(chunk, from, line, kept, take);
    kept += take;
  }

  private void takeEnding() throws IOException {
    char c = chunk[at++];
    line[kept + ending++] = c;
    if (c == '\r' && (at < end || fill()) && chunk[at] == '\n') {
      at++;
      line[kept + ending++] = '\n';
    }
  }

  private boolean fill() throws IOException {
    if (at == end) {
      at = 0;
      end = 0;
    }
    int read = end == chunk.length ? -1 : in.read(chunk, end, chunk.length - end);
    end += Math.max(0, read);
    return read > 0;
  }

  /** Number of the line, from 1. */
  long number() {
    return number;
  }

  /** The line without its ending. */
  String text() {
    return new String(line, 0, kept);
  }

  /** The characters of the line with its ending; valid until the next line. */
  char[] chars() {
    return line;
  }

  int charsWithEnding() {
    return kept + ending;
  }

  /** Number of characters of its ending; 0 only for the last line of a text. */
  int ending() {
    return ending;
  }

  /** Length of the line in bytes of UTF-8, without its ending. */
  long bytes() {
    return bytes;
  }

  int quotes() {
    return quotes;
  }

  /**
   * Checks that the line can be sent as it stands.
   *
   * @param maxBytes longest line allowed
   * @throws BadRow where it cannot
   */
  void check(int maxBytes) throws BadRow {
    if (bytes > maxBytes) {
      throw tooLong(maxBytes, "");
    }
    checkCharacters();
  }

  void checkCharacters() throws BadRow {
    if (malformed) {
      throw new BadRow(
          "not valid " + encoding,
          "if the text has another encoding name it, such as --encoding windows-1252; if not, the"
              + " file is damaged");
    }
    if (nul) {
      throw new BadRow(
          "a NUL byte in " + encoding,
          "remove it if the file is damaged; if it is UTF-16 or UTF-32 say so with"
              + " --encoding UTF-16LE (or UTF-16BE, UTF-32LE, UTF-32BE)");
    }
    // The mark that begins the text was consumed before.
    if (mark) {
      throw new BadRow(
          "a byte order mark, as where files were joined",
          "load the files one by one, or remove the mark (and a second header)");
    }
  }

  /**
   * The reason for refusing a row that is longer than allowed.
   *
   * @param extent where it ends, for the message; may be empty
   */
  static BadRow tooLong(int maxBytes, String extent) {
    return new BadRow(
        "longer than " + maxBytes + " bytes" + extent,
        "raise --max-line (and the topic's max.message.bytes) if it is meant to be that long");
  }
}
