package io.exactlyonce.cli.load;

import io.exactlyonce.cli.common.CommandFailure;
import io.exactlyonce.cli.common.WrongSetting;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.util.Optional;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Options for the file to read and how its rows become records. */
final class InputOptions {
  @Parameters(
      arity = "0..1",
      paramLabel = "FILE",
      defaultValue = "-",
      description = "NDJSON or CSV, plain or packed by gzip; - or none reads standard input.")
  private String file;

  @Option(
      names = "--format",
      defaultValue = "auto",
      description = "${COMPLETION-CANDIDATES}; auto goes by extension, then by first character.")
  private Format format;

  @Option(
      names = "--delimiter",
      paramLabel = "C",
      description =
          "Between a CSV's columns; 'tab' for a tab. Default: as a first line sep=; says, else a"
              + " comma, or a tab for .tsv.")
  private Optional<String> delimiter;

  @Option(
      names = "--encoding",
      paramLabel = "NAME",
      description =
          "How characters are written, such as windows-1252 or UTF-16LE. Default: as the byte order"
              + " mark says, else UTF-8.")
  private Optional<Charset> encoding;

  @Option(
      names = "--no-quotes",
      description = "A CSV's quotes are plain text, as in most tab-separated files.")
  private boolean noQuotes;

  @Option(
      names = "--infer-types",
      description = "Write a CSV's numbers, true and false without quotes.")
  private boolean inferTypes;

  @Option(
      names = "--max-line",
      paramLabel = "BYTES",
      defaultValue = "1048576",
      description = "The longest row. Default: ${DEFAULT-VALUE}.")
  private int maxLine;

  @Option(
      names = "--id-field",
      paramLabel = "FIELD",
      description = "Its value is the event id; nested as a.b. Default: <file name>:<line number>.")
  private Optional<String> idField;

  @Option(
      names = "--id-prefix",
      paramLabel = "TEXT",
      description =
          "Without --id-field, what stands before the line number. Default: the file's name.")
  private Optional<String> idPrefix;

  @Option(
      names = "--key-field",
      paramLabel = "FIELD",
      description = "Its value is the record's key. Default: the event id.")
  private Optional<String> keyField;

  String file() {
    return file;
  }

  Input open(InputStream stdin) throws CommandFailure {
    return Input.open(file, stdin, encoding);
  }

  /**
   * Checks the options before anything is opened.
   *
   * @throws WrongSetting naming the option that is wrong
   */
  void check() throws WrongSetting {
    if (maxLine < 1 || maxLine > 1 << 30) {
      throw new WrongSetting("--max-line " + maxLine + " is not from 1 to " + (1 << 30) + " bytes");
    }
    if (delimiter.isPresent() && character(delimiter.get()).isEmpty()) {
      throw new WrongSetting(
          "--delimiter '"
              + delimiter.get()
              + "' is not one ASCII character other than a quote; give one, or 'tab'");
    }
    // Ids made of the name "stdin" would be the same for any two streams, and the guard would drop
    // the records of the second.
    if (file.equals("-") && idField.isEmpty() && idPrefix.isEmpty()) {
      throw new WrongSetting(
          "standard input has no name to make event ids of; give --id-field FIELD,"
              + " or --id-prefix TEXT that no other load uses");
    }
  }

  Rows rows(Input input) throws IOException, CommandFailure {
    RowIdentity identity = new RowIdentity(idField, idPrefix(input), keyField);
    TextLines text = input.text();
    if (format.of(input) == Format.ndjson) {
      if (text.peek() == '[') {
        throw new CommandFailure(
            "line 1: a JSON array; one object a line is needed: jq -c '.[]' makes them");
      }
      return new NdjsonRows(text, maxLine, identity);
    }
    char between = delimiter.flatMap(InputOptions::character).orElse(Format.delimiterOf(input));
    CsvDialect dialect = new CsvDialect(between, delimiter.isPresent(), !noQuotes, maxLine);
    return CsvRows.open(text, dialect, inferTypes, identity);
  }

  /** Description of the event ids, for the output. */
  String ids(Input input) {
    return idField.map(field -> "field " + field).orElse(idPrefix(input) + ":<line number>");
  }

  /** Whether event ids are made of the name of the file, which another file may have. */
  boolean madeUpIds() {
    return idField.isEmpty();
  }

  private String idPrefix(Input input) {
    return idPrefix.orElse(input.name());
  }

  private static Optional<Character> character(String text) {
    if (text.equals("tab") || text.equals("\\t")) {
      return Optional.of('\t');
    }
    boolean usable = text.length() == 1 && text.charAt(0) < 128 && "\"\r\n".indexOf(text) < 0;
    return usable ? Optional.of(text.charAt(0)) : Optional.empty();
  }
}
