package io.exactlyonce.cli.load;

import de.siegmar.fastcsv.reader.CloseableIterator;
import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.reader.CsvRecordHandler;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;

/**
 * CSV by RFC 4180, read by FastCSV. A quote inside a value that is not quoted stands for itself, as
 * in {@code 5" disk}: the RFC forbids it, but many programs write it, and it has no other meaning.
 */
final class QuotedCsv implements CsvRecords {
  // No limit of FastCSV applies: CsvLines bounds the length of a row, and so all else.
  private static final int NO_LIMIT = Integer.MAX_VALUE;

  private final CsvLines lines;
  private final char delimiter;
  private CloseableIterator<CsvRecord> records;

  QuotedCsv(TextLines text, char delimiter, int maxBytes) {
    this.lines = new CsvLines(text, maxBytes);
    this.delimiter = delimiter;
    this.records = records();
  }

  private CloseableIterator<CsvRecord> records() {
    return CsvReader.builder()
        .fieldSeparator(delimiter)
        .allowExtraFields(true)
        .allowMissingFields(true)
        .maxBufferSize(NO_LIMIT)
        .build(
            CsvRecordHandler.builder()
                .maxFields(NO_LIMIT)
                .maxFieldSize(NO_LIMIT)
                .maxRecordSize(NO_LIMIT)
                .build(),
            lines)
        .iterator();
  }

  @Override
  public Optional<Found> next() throws IOException {
    lines.beginRow();
    try {
      if (!records.hasNext()) {
        return Optional.empty();
      }
      CsvRecord record = records.next();
      lines.check();
      return Optional.of(new Values(lines.row(), record.getFields()));
    } catch (BadRow bad) {
      return Optional.of(bad.at(lines.row()));
    } catch (UncheckedIOException unreadable) {
      if (unreadable.getCause() instanceof CsvLines.TooLongException tooLong) {
        return Optional.of(goOn(tooLong.row()));
      }
      throw unreadable.getCause();
    } catch (CsvParseException unexpected) {
      lines.skipRow();
      return Optional.of(
          goOn(
              new BadRow(
                  "text after a closing quote",
                  "double each quote that belongs to the value (\"\"), or give --no-quotes if all"
                      + " are text")));
    }
  }

  /** Continues with the next line by a new reader, since FastCSV does not go on after an error. */
  private RowReader.Bad goOn(BadRow bad) {
    records = records();
    return bad.at(lines.row());
  }
}
