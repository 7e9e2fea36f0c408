package io.exactlyonce.cli;

import static java.util.Objects.requireNonNull;

import io.exactlyonce.cli.common.Progress;
import io.exactlyonce.cli.common.SendRate;
import io.exactlyonce.deadletter.Letter;
import io.exactlyonce.deadletter.Replay;
import io.exactlyonce.deadletter.ReplayReport;
import java.io.PrintWriter;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Output of a replay, and its rate limit. A letter's key and value are never shown; its position
 * is, by which it can be looked up.
 *
 * <p>The replay's thread calls it; the progress is drawn by a thread of its own.
 */
final class ReplayText implements Replay.Watcher, AutoCloseable {
  private final PrintWriter out;
  private final SendRate sendRate;
  private final boolean dryRun;
  private final Progress progress;
  private final AtomicLong committed = new AtomicLong();

  ReplayText(
      PrintWriter out, PrintWriter err, SendRate sendRate, boolean dryRun, boolean terminal) {
    this.out = out;
    this.sendRate = sendRate;
    this.dryRun = dryRun;
    this.progress = new Progress(err, terminal, () -> -1, committed::get, System::nanoTime);
  }

  void start() {
    progress.start();
  }

  @Override
  public void replayed(Letter letter, @Nullable String id) {
    sendRate.await();
    if (dryRun) {
      out.println(
          letter.at()
              + " -> "
              + requireNonNull(letter.source()).partition()
              + "  "
              + letter.time()
              + "  "
              + (id == null ? "without an event id" : id)
              + "  "
              + (letter.exception() == null ? "" : letter.exception() + ": ")
              + letter.reason());
    }
  }

  @Override
  public void refused(Letter letter, String why) {
    progress.say("replay: " + letter.at() + " cannot be replayed: " + why);
  }

  @Override
  public void committed(long letters) {
    committed.set(letters);
  }

  static String summary(ReplayReport report, boolean dryRun) {
    return (dryRun ? "would replay " : "replayed ")
        + report.replayed()
        + ", replayed earlier "
        + report.before()
        + ", not selected "
        + report.passed()
        + ", refused "
        + report.refused();
  }

  @Override
  public void close() {
    progress.close();
  }
}
