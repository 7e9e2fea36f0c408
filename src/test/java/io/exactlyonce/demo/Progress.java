package io.exactlyonce.demo;

import java.io.PrintStream;
import java.util.Map;

/**
 * Progress of a run: in a terminal one line that is overwritten, elsewhere a line every five
 * seconds.
 */
final class Progress {
  private static final long PLAIN_EVERY_NANOS = 5_000_000_000L;

  private final PrintStream out;
  private final boolean terminal;
  private long lastAt = System.nanoTime();
  private long lastPrinted = Long.MIN_VALUE;
  private long lastCommitted;
  private double perSecond;
  private String line = "";

  Progress(PrintStream out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
  }

  void update(long sent, Map<String, Long> counts, long lag) {
    long duplicates = counts.getOrDefault("duplicates", 0L);
    long dead = counts.getOrDefault("deadLetters", 0L);
    long committed = counts.getOrDefault("processed", 0L) + duplicates + dead;
    long now = System.nanoTime();
    double seconds = (now - lastAt) / 1e9;
    perSecond = 0.7 * perSecond + 0.3 * (committed - lastCommitted) / Math.max(seconds, 1e-3);
    lastAt = now;
    lastCommitted = committed;
    line =
        "in %,d | committed %,d | duplicates dropped %,d | dead letters %,d | %,.0f/s | lag %,d"
            .formatted(sent, committed, duplicates, dead, perSecond, lag);
    if (terminal) {
      out.print("\r" + line + "\u001b[K");
      out.flush();
    } else if (now - lastPrinted > PLAIN_EVERY_NANOS || lastPrinted == Long.MIN_VALUE) {
      out.println(line);
      lastPrinted = now;
    }
  }

  void say(String text) {
    out.println(terminal ? "\r" + text + "\u001b[K" : text);
  }

  void end() {
    out.println(terminal ? "" : line);
  }
}
