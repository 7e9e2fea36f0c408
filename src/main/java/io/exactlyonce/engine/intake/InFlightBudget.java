package io.exactlyonce.engine.intake;

import io.exactlyonce.config.PipelineConfig.Bounds;
import io.exactlyonce.engine.inflight.PolledRecords;
import io.exactlyonce.engine.inflight.Track;
import io.exactlyonce.engine.inflight.Tracks;
import io.exactlyonce.engine.status.InFlight;
import java.time.Duration;

/**
 * What a worker holds, and what it may take in (invariant "bounded"). Three quarters of its bound
 * are open to whichever partition comes first; the last quarter is kept, in equal parts, for
 * partitions that hold less than their part. So the bound is not passed, and however many
 * partitions stand still with all that they could take, the others go on (invariant "one stops
 * one").
 *
 * <p>Why it is not passed: the last time that anything was taken into the open part, no more than
 * that was held. Whatever was taken since has left its partition with its kept part at most, and
 * all kept parts together are the last quarter. The one exception is a record that is larger than
 * any of this: alone in its partition it is let in, since nothing would make it smaller.
 *
 * <p>The worker's thread alone calls it, but for {@link #inFlight}.
 */
public final class InFlightBudget {
  /** The open part is so many of so many parts. */
  private static final int OPEN = 3;

  private static final int PARTS = 4;

  /**
   * A bound closes here and opens at half of that: pausing costs little, but what is resumed at
   * once is paused again by the next poll, and handlers that run dry wait for a fetch.
   */
  private static final int REOPEN = 2;

  /** What a fetch brings of one partition: {@code max.partition.fetch.bytes}, by default. */
  private static final long POLL_BYTES = 1024 * 1024;

  /**
   * Who holds nothing waits so long for the others to make room: reading its kept part costs it a
   * second fetch of what does not fit.
   */
  private static final long PATIENCE_NANOS = Duration.ofMillis(500).toNanos();

  private final Bounds bounds;
  private final int poll;
  private final int openRecords;
  private final long openBytes;
  private int partitions = 1;
  private int records;
  private long bytes;
  private boolean full;
  private long fullSince;
  private volatile InFlight shown = InFlight.NONE;

  /**
   * @param poll records that one poll may bring
   */
  public InFlightBudget(Bounds bounds, int poll) {
    this.bounds = bounds;
    this.poll = poll;
    this.openRecords = Math.max(1, (int) ((long) bounds.records() * OPEN / PARTS));
    this.openBytes = bounds.bytes() / PARTS * OPEN;
  }

  /** Counts what is held, once a turn. */
  void measure(Tracks tracks, long now) {
    partitions = Math.max(1, tracks.count());
    records = 0;
    bytes = 0;
    for (Track track : tracks.all()) {
      records += track.unsentRecords();
      bytes += track.unsentBytes();
    }
    int part = full ? REOPEN : 1;
    boolean over =
        records > before(openRecords, poll) / part || bytes > before(openBytes, POLL_BYTES) / part;
    if (over && !full) {
      fullSince = now;
    }
    full = over;
  }

  /** Where to pause so that one more poll still fits, if the bound is worth some polls. */
  private static long before(long bound, long poll) {
    return bound - Math.min(poll, bound / 2);
  }

  /** Whether the partition may be polled. */
  boolean isOpenFor(Track track, long now) {
    int part = track.isPaused() ? REOPEN : 1;
    if (track.holdsMoreThan(partitionRecords() / part, partitionBytes() / part)) {
      return false;
    }
    return !full || (!track.hasUnsent() && now - fullSince >= PATIENCE_NANOS);
  }

  /** A share may be passed by one poll, what was set may not. */
  private long partitionRecords() {
    return bounds.partitionRecords() > 0
        ? before(bounds.partitionRecords(), poll)
        : Math.max(1, bounds.records() / partitions);
  }

  private long partitionBytes() {
    return bounds.partitionBytes() > 0
        ? before(bounds.partitionBytes(), POLL_BYTES)
        : Math.max(1, bounds.bytes() / partitions);
  }

  /**
   * How many of the polled records the track may take in.
   *
   * @param sizes of each record, in bytes
   */
  int fits(Track track, long[] sizes) {
    long most = most(bounds.records(), openRecords, records, track.unsentRecords());
    long left = most(bounds.bytes(), openBytes, bytes, track.unsentBytes());
    if (bounds.partitionRecords() > 0) {
      most = Math.min(most, bounds.partitionRecords() - track.unsentRecords());
    }
    if (bounds.partitionBytes() > 0) {
      left = Math.min(left, bounds.partitionBytes() - track.unsentBytes());
    }
    int fit = 0;
    while (fit < sizes.length && fit < most) {
      left -= sizes[fit];
      if (left < 0) {
        break;
      }
      fit++;
    }
    return fit == 0 && !track.hasUnsent() ? 1 : fit;
  }

  /** Of the open part what is left, or of the kept part, whichever is more. */
  private long most(long bound, long open, long held, long heldByTrack) {
    return Math.max(open - held, (bound - open) / partitions - heldByTrack);
  }

  void take(PolledRecords polled) {
    records += polled.size();
    bytes += polled.bytes();
  }

  void show(int paused) {
    if (records != shown.records() || bytes != shown.bytes() || paused != shown.paused()) {
      shown = new InFlight(records, bytes, paused);
    }
  }

  /** As of the last turn; from any thread. */
  public InFlight inFlight() {
    return shown;
  }
}
