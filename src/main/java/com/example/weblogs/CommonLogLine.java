package com.example.weblogs;

import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.time.format.ResolverStyle;
import java.util.Locale;

/**
 * Reads one line of the Common Log Format, from left to right:
 *
 * <pre>host ident user [10/Oct/2000:13:55:36 -0700] "GET /logo.png HTTP/1.0" 200 2326</pre>
 *
 * Strict: a line that does not fit is refused, since a guess could not be told from a fact later.
 */
final class CommonLogLine {
  /** A line that does not fit. The message says what is wrong and does not quote the line. */
  static final class BadLineException extends Exception {
    private static final long serialVersionUID = 1L;

    BadLineException(String message) {
      super(message);
    }
  }

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("dd/MMM/uuuu:HH:mm:ss xx", Locale.ENGLISH)
          .withResolverStyle(ResolverStyle.STRICT);
  private static final int MAX_DIGITS = 18;

  private final String line;
  private int at;

  private CommonLogLine(String line) {
    this.line = line;
  }

  static Access parse(String line) throws BadLineException {
    return new CommonLogLine(line).access();
  }

  private Access access() throws BadLineException {
    String host = word("host");
    word("ident");
    String user = word("user");
    String time = time(between('[', ']', "time"));
    String request = between('"', '"', "request");
    String status = word("status");
    refuse(!status.matches("[1-5]\\d\\d"), "status is not from 100 to 599");
    String bytes = line.substring(at);
    refuse(!bytes.equals("-") && !isNumber(bytes), "bytes is neither a number nor -, at the end");
    String[] parts = request.split(" ", -1);
    refuse(parts.length != 3, "request is not method, path and protocol");
    refuse(!parts[0].matches("[A-Z]+"), "method is not in capital letters");
    refuse(parts[1].isEmpty(), "path is empty");
    refuse(!parts[2].matches("HTTP/\\d(\\.\\d)?"), "protocol is not HTTP");
    return new Access(
        host,
        user.equals("-") ? null : user,
        time,
        parts[0],
        parts[1],
        parts[2],
        Integer.parseInt(status),
        bytes.equals("-") ? 0 : Long.parseLong(bytes));
  }

  /** Reads up to the next blank, and skips that. */
  private String word(String name) throws BadLineException {
    int end = line.indexOf(' ', at);
    refuse(end < 0, "the line ends at " + name);
    String word = line.substring(at, end);
    refuse(word.isEmpty(), name + " is empty");
    at = end + 1;
    return word;
  }

  /**
   * Reads the text between two delimiters, and skips the blank after them; a backslash escapes the
   * character that follows.
   */
  private String between(char first, char last, String name) throws BadLineException {
    refuse(at >= line.length() || line.charAt(at) != first, name + " does not begin with " + first);
    int end = at + 1;
    while (end < line.length() && line.charAt(end) != last) {
      end += line.charAt(end) == '\\' ? 2 : 1;
    }
    refuse(!line.startsWith(last + " ", end), name + " does not end with " + last + " and a blank");
    String text = line.substring(at + 1, end);
    at = end + 2;
    return text;
  }

  private static String time(String text) throws BadLineException {
    try {
      return OffsetDateTime.parse(text, TIME).toInstant().toString();
    } catch (DateTimeParseException e) {
      throw new BadLineException("time is not like 10/Oct/2000:13:55:36 -0700"); // e has the value
    }
  }

  private static boolean isNumber(String text) {
    return text.length() <= MAX_DIGITS && text.matches("\\d+");
  }

  private static void refuse(boolean wrong, String reason) throws BadLineException {
    if (wrong) {
      throw new BadLineException(reason);
    }
  }
}
