package io.exactlyonce.cli.common;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;

/**
 * Progress of a command on standard error: a bar that redraws itself on a terminal, elsewhere a
 * line a second.
 *
 * <p>A thread of its own draws it, so it goes on while the producer waits for the broker. Any
 * thread may call {@link #say}.
 */
public final class Progress implements AutoCloseable {
  private static final int BAR = 30;
  private static final String ERASE_LINE = "\r\u001b[K";

  private final PrintWriter err;
  private final boolean terminal;
  private final DoubleSupplier share;
  private final LongSupplier acknowledged;
  private final LongSupplier nanoTime;
  private final long started;
  private final ScheduledExecutorService clock;
  private long shownAt;
  private long shownRecords;

  /**
   * @param share done of the whole, from 0 to 1; below 0 where the whole is not known; called on
   *     the progress's own thread, as {@code acknowledged} is
   * @param acknowledged number of records done so far
   */
  public Progress(
      PrintWriter err,
      boolean terminal,
      DoubleSupplier share,
      LongSupplier acknowledged,
      LongSupplier nanoTime) {
    this.err = err;
    this.terminal = terminal;
    this.share = share;
    this.acknowledged = acknowledged;
    this.nanoTime = nanoTime;
    this.started = nanoTime.getAsLong();
    this.shownAt = started;
    this.clock =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "progress");
              thread.setDaemon(true);
              return thread;
            });
  }

  /** Starts to draw, four times a second on a terminal, until {@link #close}. */
  public void start() {
    long millis = terminal ? 250 : 1_000;
    clock.scheduleAtFixedRate(this::show, millis, millis, TimeUnit.MILLISECONDS);
  }

  /** Prints a line, in the place of the bar; the bar is drawn again below it. */
  public synchronized void say(String line) {
    erase();
    err.println(line);
    err.flush();
  }

  synchronized void show() {
    long now = nanoTime.getAsLong();
    long records = acknowledged.getAsLong();
    double rate = (records - shownRecords) * 1e9 / Math.max(1, now - shownAt);
    shownAt = now;
    shownRecords = records;
    String line =
        String.format(
            Locale.ROOT,
            "%s%d records, %.0f records/s, %.0f s",
            bar(share.getAsDouble()),
            records,
            rate,
            (now - started) / 1e9);
    if (terminal) {
      err.print(ERASE_LINE + line);
    } else {
      err.println(line);
    }
    err.flush();
  }

  @Override
  public void close() {
    clock.shutdownNow();
    synchronized (this) {
      erase();
      err.flush();
    }
  }

  private void erase() {
    if (terminal) {
      err.print(ERASE_LINE);
    }
  }

  private String bar(double share) {
    if (share < 0) {
      return "";
    }
    String percent = String.format(Locale.ROOT, "%3.0f%%", share * 100);
    int done = (int) Math.round(share * BAR);
    return terminal
        ? "[" + "#".repeat(done) + "-".repeat(BAR - done) + "] " + percent + "  "
        : percent + ", ";
  }
}
