package io.exactlyonce.cli.load;

import java.io.IOException;
import java.util.Optional;
import java.util.function.Predicate;

/** The loop of a load: sends rows until the end of the file or an obstacle. */
final class Load {

  /** How a load ended. Every record is acknowledged or has failed by then. */
  sealed interface End {
    /** All rows, or as many as were asked for, were read. */
    record Finished() implements End {}

    /** A line could not be sent; none after it was. */
    record BadLine(RowReader.Bad line) implements End {}

    /** The file could not be read beyond a line. */
    record Unreadable(long line, IOException cause) implements End {}

    /** The broker did not take a record. */
    record Refused(Sender.Failure failure) implements End {}
  }

  private final Rows rows;
  private final Sender sender;
  private final Duplicates duplicates;
  private final Predicate<RowReader.Bad> skips;
  private final long limit;
  private final LoadCounts counts;

  /**
   * @param skips called with each bad line; whether the load goes on behind it
   * @param limit rows to send at most; 0 for all
   */
  Load(
      Rows rows,
      Sender sender,
      Duplicates duplicates,
      Predicate<RowReader.Bad> skips,
      long limit,
      LoadCounts counts) {
    this.rows = rows;
    this.sender = sender;
    this.duplicates = duplicates;
    this.skips = skips;
    this.limit = limit;
    this.counts = counts;
  }

  /** Loads, and returns when the outcome of every record is known. */
  End run() {
    End end = readAll();
    Optional<Duplicates.Copy> copy = duplicates.next();
    while (copy.isPresent() && sender.failure().isEmpty()) {
      sender.sendAgain(copy.get());
      copy = duplicates.next();
    }
    sender.finish();
    // A refusal may arrive only here; it matters more than why reading ended.
    return sender.failure().<End>map(End.Refused::new).orElse(end);
  }

  private End readAll() {
    long line = 0;
    try {
      while (sender.failure().isEmpty() && (limit == 0 || goodRows() < limit)) {
        Optional<RowReader> next = rows.next();
        if (next.isEmpty()) {
          break;
        }
        counts.rows().incrementAndGet();
        if (next.get() instanceof RowReader.Row row) {
          line = row.line();
          send(row);
        } else if (next.get() instanceof RowReader.Bad bad) {
          line = bad.line();
          counts.bad().incrementAndGet();
          if (!skips.test(bad)) {
            return new End.BadLine(bad);
          }
        }
      }
      return new End.Finished();
    } catch (IOException cause) {
      return new End.Unreadable(line, cause);
    }
  }

  private void send(RowReader.Row row) {
    sender.send(row);
    duplicates.sent(row);
    for (var copy = duplicates.due(); copy.isPresent(); copy = duplicates.due()) {
      sender.sendAgain(copy.get());
    }
  }

  private long goodRows() {
    return counts.rows().get() - counts.bad().get();
  }
}
