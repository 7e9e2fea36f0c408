package io.exactlyonce.console;

import io.micronaut.serde.annotation.Serdeable;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The last 400 events of this instance's pipelines, in the order in which they were seen. Events
 * that go on all the time, such as commits, are one entry that grows until something else happens
 * to its pipeline. The sampler's thread writes; any thread reads.
 */
final class TimeLine {
  private static final int MAX = 400;
  private static final Set<String> STEADY = Set.of(Kind.COMMIT.name(), Kind.LETTER.name());

  /** Kinds of entries, by which the page styles and explains them. */
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
   * An event, or several of a kind that follow each other.
   *
   * @param number of the entry; a later entry has a greater one
   * @param version changes whenever the entry does; greater than any version before
   * @param at when it was seen first
   * @param until when it was seen last
   * @param bad whether it is trouble, for the style of the page
   * @param count number of events, such as transactions
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
   * Adds to the pipeline's last entry of this kind and text, if only commits and dead letters,
   * which go on beside each other, were seen since; otherwise begins an entry.
   *
   * @param text may hold {@code %d}, for the count
   */
  synchronized void grow(
      Instant at, String pipeline, Kind kind, boolean bad, String text, long count) {
    Entry last = growing(pipeline, kind, text);
    if (last == null) {
      entries.addLast(
          new Entry(++number, ++version, at, at, pipeline, kind.name(), bad, text, count));
    } else {
      entries.remove(last);
      long sum = last.count + count;
      entries.addLast(
          new Entry(last.number, ++version, last.at, at, pipeline, last.kind, bad, text, sum));
    }
    trim();
  }

  private @Nullable Entry growing(String pipeline, Kind kind, String text) {
    for (Iterator<Entry> newest = entries.descendingIterator(); newest.hasNext(); ) {
      Entry entry = newest.next();
      boolean isSame = entry.kind.equals(kind.name()) && entry.text.equals(text);
      if (entry.pipeline.equals(pipeline) && (isSame || !STEADY.contains(entry.kind))) {
        return isSame ? entry : null;
      }
    }
    return null;
  }

  private void trim() {
    if (entries.size() > MAX) {
      entries.removeFirst();
    }
  }

  /**
   * Entries that are new or have changed since the version, the oldest first.
   *
   * @param known a {@link #version}; 0: all
   */
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
