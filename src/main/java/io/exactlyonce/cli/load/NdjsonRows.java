package io.exactlyonce.cli.load;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Rows of NDJSON: one JSON object a line, sent as it stands. Blank lines are skipped. */
final class NdjsonRows implements Rows {
  private final TextLines lines;
  private final int maxBytes;
  private final JsonFields fields;
  private final RowIdentity identity;

  /**
   * @param maxBytes longest row, in bytes of UTF-8 without its line ending
   */
  NdjsonRows(TextLines lines, int maxBytes, RowIdentity identity) {
    this.lines = lines;
    this.maxBytes = maxBytes;
    this.fields = new JsonFields(identity.fields());
    this.identity = identity;
    lines.limit(maxBytes);
  }

  @Override
  public Optional<RowReader> next() throws IOException {
    while (lines.next()) {
      String text = lines.text();
      if (!text.isBlank()) {
        return Optional.of(row(text.strip()));
      }
    }
    return Optional.empty();
  }

  private RowReader row(String text) throws IOException {
    try {
      lines.check(maxBytes);
      return identity.row(lines.number(), text.getBytes(StandardCharsets.UTF_8), fields.read(text));
    } catch (BadRow bad) {
      return bad.at(lines.number());
    }
  }
}
