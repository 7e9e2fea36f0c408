package io.exactlyonce.console;

import io.micronaut.serde.annotation.Serdeable;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * Rates of a pipeline over the last five seconds, and how busy its stages are. The sampler's thread
 * calls it.
 */
final class Rates {
  private static final int SECONDS = 5;

  /** Busy share from which on a stage can be the one that limits the pipeline. */
  private static final double BUSY = 0.5;

  private final Deque<Reading> readings = new ArrayDeque<>();

  /**
   * Rates: events a second, busy shares of the time from 0 to 1, and mean times.
   *
   * @param read records read a second
   * @param done records a second that came to an end, committed
   * @param handlerMillis handler time by record read
   * @param commitMillis time by commit
   * @param limit the stage that limits the pipeline: guard, handler or commit; source where the
   *     pipeline keeps up; empty where no stage is busy for half of the time
   */
  @Serdeable
  record Now(
      double read,
      double done,
      double outputs,
      double commits,
      double duplicates,
      double guardBusy,
      double handlerBusy,
      double commitBusy,
      double handlerMillis,
      double commitMillis,
      String limit) {}

  Now of(Reading now, int workers, int concurrency, boolean isBehind) {
    readings.addLast(now);
    while (readings.size() > SECONDS + 1) {
      readings.removeFirst();
    }
    Reading then = readings.getFirst();
    double seconds = Math.max(1e-9, (now.nanos() - then.nanos()) / 1e9);
    int each = Math.max(1, workers);
    double guard = share(now.claimSeconds() - then.claimSeconds(), seconds * each);
    double handler =
        share(now.handlerSeconds() - then.handlerSeconds(), seconds * each * concurrency);
    double commit = share(now.commitSeconds() - then.commitSeconds(), seconds * each);
    long handled = now.read() - then.read();
    long committed = now.commits() - then.commits();
    return new Now(
        handled / seconds,
        (now.done() - then.done()) / seconds,
        (now.outputs() - then.outputs()) / seconds,
        committed / seconds,
        (now.duplicates() - then.duplicates()) / seconds,
        guard,
        handler,
        commit,
        millis(now.handlerSeconds() - then.handlerSeconds(), handled),
        millis(now.commitSeconds() - then.commitSeconds(), committed),
        limit(guard, handler, commit, isBehind));
  }

  private static double share(double busy, double of) {
    return Math.min(1, Math.max(0, busy / of));
  }

  private static double millis(double seconds, long count) {
    return count == 0 ? 0 : seconds * 1000 / count;
  }

  private static String limit(double guard, double handler, double commit, boolean isBehind) {
    double most = Math.max(guard, Math.max(handler, commit));
    if (!isBehind) {
      return "source";
    }
    if (most < BUSY) {
      return "";
    }
    return List.of("handler", "guard", "commit").get(most == handler ? 0 : most == guard ? 1 : 2);
  }
}
