package io.exactlyonce.console;

import io.micronaut.serde.annotation.Serdeable;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;

/**
 * The last 400 things that happened in this instance's pipelines, in the order in which they were
 * seen. What goes on all the time, such as commits, is one entry that grows until something else
 * happens to its pipeline. The sampler's thread writes; any thread reads.
 */
final class TimeLine {
  private static final int MAX = 400;

  /** What an entry is about, as the page styles and explains it. */
  enum Kind {
    STATE,
    COMMIT,
    ABORT,
    REBALANCE,
    GUARD,
    FAILURE,
    STOP,
    LETTER,
    SCALING,
    ALERT,
    ACT
  }

  /**
   * Something that happened.
   *
   * @param number tells entries apart; a later entry has a greater one
   * @param version changes with the entry
   * @param until when it was seen last
   * @param count how much of it: transactions, say
   */
  @Serdeable
  record Entry(
      long number,
      long version,
      Instant at,
      Instant until,
      String pipeline,
      String kind,
      boolean bad,
      String text,
      long count) {}

  private final Deque<Entry> entries = new ArrayDeque<>();
  private long number;
  private long version;

  synchronized void add(Instant at, String pipeline, Kind kind, boolean bad, String text) {
    entries.addLast(new Entry(++number, ++version, at, at, pipeline, kind.name(), bad, text, 1));
    trim();
  }

  /**
   * Adds to the pipeline's last entry where that is of this kind, else begins one.
   *
   * @param text may hold {@code %d}, for the count
   */
  synchronized void grow(
      Instant at, String pipeline, Kind kind, boolean bad, String text, long count) {
    Iterator<Entry> newest = entries.descendingIterator();
    while (newest.hasNext()) {
      Entry last = newest.next();
      if (last.pipeline.equals(pipeline)) {
        if (!last.kind.equals(kind.name()) || !last.text.equals(text)) {
          break;
        }
        entries.remove(last);
        entries.addLast(
            new Entry(
                last.number,
                ++version,
                last.at,
                at,
                pipeline,
                last.kind,
                bad,
                text,
                last.count + count));
        return;
      }
    }
    entries.addLast(
        new Entry(++number, ++version, at, at, pipeline, kind.name(), bad, text, count));
    trim();
  }

  private void trim() {
    if (entries.size() > MAX) {
      entries.removeFirst();
    }
  }

  /** Those that are new or have changed since, the oldest first. */
  synchronized List<Entry> since(long known) {
    List<Entry> newer = new ArrayList<>();
    for (Iterator<Entry> newest = entries.descendingIterator(); newest.hasNext(); ) {
      Entry entry = newest.next();
      if (entry.version > known) {
        newer.add(entry);
      }
    }
    Collections.reverse(newer);
    return newer;
  }

  synchronized long version() {
    return version;
  }
}
