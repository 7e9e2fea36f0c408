package io.exactlyonce.cli.load;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * CSV whose quotes are plain text, as in most tab-separated files: a value contains neither
 * delimiter nor line ending.
 */
final class PlainCsv implements CsvRecords {
  private final TextLines lines;
  private final int maxBytes;
  private final Pattern delimiter;

  PlainCsv(TextLines lines, char delimiter, int maxBytes) {
    this.lines = lines;
    this.maxBytes = maxBytes;
    this.delimiter = Pattern.compile(Pattern.quote(String.valueOf(delimiter)));
    lines.limit(maxBytes);
  }

  @Override
  public Optional<Found> next() throws IOException {
    while (lines.next()) {
      if (lines.bytes() > 0) {
        return Optional.of(row());
      }
    }
    return Optional.empty();
  }

  private Found row() {
    try {
      lines.check(maxBytes);
      return new Values(lines.number(), List.of(delimiter.split(lines.text(), -1)));
    } catch (BadRow bad) {
      return bad.at(lines.number());
    }
  }
}
