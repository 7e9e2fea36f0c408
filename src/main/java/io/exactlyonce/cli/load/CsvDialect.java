package io.exactlyonce.cli.load;

import io.exactlyonce.cli.common.CommandFailure;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Format of a CSV file.
 *
 * @param delimiter between the columns, ASCII
 * @param named whether the user or the file names the delimiter; if not, it is an assumption
 * @param quotes whether quotes enclose values, as in RFC 4180; if not they are plain text
 * @param maxBytes longest row, in bytes of UTF-8
 */
record CsvDialect(char delimiter, boolean named, boolean quotes, int maxBytes) {
  /** First line {@code sep=;}, by which Excel names the delimiter. */
  private static final Pattern SAID = Pattern.compile("(?i)\"?sep=(.)\"?");

  private static final int LONGEST_SAID = 7;

  /** Delimiters that some CSV files have, and that are rare in names of columns. */
  private static final String OTHERS = ",;\t|:^~\u0001\u001e\u001f";

  /**
   * The dialect with the delimiter that the text's first line names, which is then consumed; this
   * one where the line names none.
   *
   * @throws CommandFailure where the user names another, or the line names one that cannot be used
   */
  CsvDialect asSaid(TextLines text) throws IOException, CommandFailure {
    Optional<String> first = text.peekLine(LONGEST_SAID);
    Matcher said = SAID.matcher(first.orElse(""));
    if (!said.matches()) {
      return this;
    }
    char separator = said.group(1).charAt(0);
    if (named && separator != delimiter) {
      throw new CommandFailure(
          "line 1: " + first.get() + ", but --delimiter says another; leave the option out");
    }
    if (separator == '"' || separator >= 0x80) {
      throw new CommandFailure(
          "line 1: " + first.get() + ": this cannot be between columns; give the file another");
    }
    text.next();
    return new CsvDialect(separator, true, quotes, maxBytes);
  }

  CsvRecords records(TextLines text) {
    return quotes
        ? new QuotedCsv(text, delimiter, maxBytes)
        : new PlainCsv(text, delimiter, maxBytes);
  }

  /**
   * Checks that the header has no other delimiter at least as often as it has columns: each row
   * would then become one odd column. A delimiter that was named is not checked.
   *
   * @throws BadRow naming both delimiters
   */
  void check(List<String> header) throws BadRow {
    if (named) {
      return;
    }
    String names = String.join("", header);
    for (int i = 0; i < OTHERS.length(); i++) {
      char other = OTHERS.charAt(i);
      long times = names.chars().filter(c -> c == other).count();
      if (other != delimiter && times >= header.size()) {
        throw new BadRow(
            "the header has "
                + name(other)
                + " where its columns should be apart by "
                + name(delimiter),
            "give --delimiter "
                + option(other)
                + ", or --delimiter "
                + option(delimiter)
                + " if it is right");
      }
    }
  }

  private static String name(char delimiter) {
    return delimiter < ' ' ? String.format("0x%02x", (int) delimiter) : "'" + delimiter + "'";
  }

  private static String option(char delimiter) {
    return delimiter == '\t' ? "tab" : "'" + delimiter + "'";
  }
}
