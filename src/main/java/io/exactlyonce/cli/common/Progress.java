package io.exactlyonce.cli.common;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;

/**
 * Shows how far a command is: a bar that redraws itself on a terminal, a line a second elsewhere.
 *
 * <p>Drawn by a thread of its own, so that it goes on while the producer waits for the broker.
 * {@link #say} may be called by any thread.
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
   * @param share of the whole that is done; below 0 where nobody knows the whole
   * @param acknowledged how many records are
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

  /** Draws from now on until closed. */
  public void start() {
    long millis = terminal ? 250 : 1_000;
    clock.scheduleAtFixedRate(this::show, millis, millis, TimeUnit.MILLISECONDS);
  }

  /** Prints a line without spoiling the bar. */
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
