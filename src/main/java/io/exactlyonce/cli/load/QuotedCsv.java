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
 * A CSV after RFC 4180, read by FastCSV. A quote within a value that does not begin with one stands
 * for itself, as in {@code 5" disk}: the RFC forbids it, though many programs write it and it can
 * mean nothing else.
 */
final class QuotedCsv implements CsvRecords {
  // More than any row has that is no longer than the longest: its length is what is bounded.
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

  /** FastCSV does not go on behind what it refuses; another does, from the next line. */
  private RowReader.Bad goOn(BadRow bad) {
    records = records();
    return bad.at(lines.row());
  }
}
