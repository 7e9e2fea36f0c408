package io.exactlyonce.cli.load;

import java.io.IOException;
import java.util.Locale;

/** Formats of a file. */
enum Format {
  /** One JSON object a line. */
  ndjson,
  /** RFC 4180 with a header row. */
  csv,
  /** Chosen by the extension of the file, else by the first character. */
  auto;

  /** This format; for {@link #auto} the one of the input. It reads ahead, and consumes nothing. */
  Format of(Input input) throws IOException {
    if (this != auto) {
      return this;
    }
    String name = unpackedName(input);
    if (name.endsWith(".csv") || name.endsWith(".tsv")) {
      return csv;
    }
    if (name.endsWith(".ndjson") || name.endsWith(".jsonl") || name.endsWith(".json")) {
      return ndjson;
    }
    int first = input.text().peek();
    return first == '{' || first == '[' || first < 0 ? ndjson : csv;
  }

  /** Default delimiter: a tab for {@code .tsv} files, else a comma. */
  static char delimiterOf(Input input) {
    return unpackedName(input).endsWith(".tsv") ? '\t' : ',';
  }

  private static String unpackedName(Input input) {
    String name = input.name().toLowerCase(Locale.ROOT);
    return name.endsWith(".gz") ? name.substring(0, name.length() - 3) : name;
  }
}
