package io.exactlyonce.engine.intake;

import io.exactlyonce.config.PipelineConfig.Bounds;
import io.exactlyonce.engine.inflight.PolledRecords;
import io.exactlyonce.engine.inflight.Track;
import io.exactlyonce.engine.inflight.Tracks;
import io.exactlyonce.engine.status.InFlight;
import java.time.Duration;

/**
 * Bounds the records that a worker holds in flight (invariant "bounded"). Three quarters of the
 * bound, the open part, serve whichever partition comes first. The last quarter is kept, in equal
 * shares, for partitions that hold less than their share. So the bound is not passed, and however
 * many partitions stand still with all that they could take, the others go on (invariant "one stops
 * one").
 *
 * <p>Why it is not passed: when records were last taken into the open part, no more than the open
 * part was held after that. Records taken in since leave their partition with its share at most,
 * and all shares together are the last quarter. The one exception is a record that is larger than
 * any of this: alone in its partition it is taken in, since nothing would make it smaller.
 *
 * <p>The worker's thread alone calls it, except for {@link #inFlight}.
 */
public final class InFlightBudget {
  /** The open part is {@code OPEN / PARTS} of the bound. */
  private static final int OPEN = 3;

  private static final int PARTS = 4;

  /**
   * Divisor of a bound for resuming: what pauses at the bound is resumed at half of it. Resumed
   * sooner it would be paused again by the next poll; resumed later, handlers would run dry and
   * wait for a fetch.
   */
  private static final int REOPEN = 2;

  /**
   * Bytes that a fetch brings of one partition: the default of {@code max.partition.fetch.bytes}.
   */
  private static final long POLL_BYTES = 1024 * 1024;

  /**
   * How long a partition that holds nothing waits, while the open part is full, before it uses its
   * share. Records that do not fit the share have to be fetched a second time.
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
   * @param poll records that one poll may return
   */
  public InFlightBudget(Bounds bounds, int poll) {
    this.bounds = bounds;
    this.poll = poll;
    this.openRecords = Math.max(1, (int) ((long) bounds.records() * OPEN / PARTS));
    this.openBytes = bounds.bytes() / PARTS * OPEN;
  }

  /** Counts what is held; called once a turn. */
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

  /**
   * How much may be held before a pause, so that one more poll fits; at least half of the bound.
   */
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

  /**
   * Records at which the partition is paused. The configured bound leaves room for one more poll;
   * an equal part of the worker's bound may be passed by one poll.
   */
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
   * How many of the polled records the track may take in; at least one where it holds nothing.
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

  /** Free space in the open part, or in the track's share, whichever is more. */
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

  /** Records, bytes and paused partitions of the last turn; may be called from any thread. */
  public InFlight inFlight() {
    return shown;
  }
}
