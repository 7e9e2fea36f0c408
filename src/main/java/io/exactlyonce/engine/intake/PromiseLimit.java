package io.exactlyonce.engine.intake;

import io.exactlyonce.engine.inflight.PolledRecords;
import io.exactlyonce.engine.inflight.Track;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntSupplier;
import java.util.stream.Collectors;
import org.apache.kafka.common.TopicPartition;

/**
 * How many records a worker may have that are not handled yet, where taking them in commits their
 * offsets: by delivery at-most-once. Before partitions are let go all of them have to be handled,
 * within drain-timeout, since nobody reads them again. What is not taken in, whoever is next reads.
 * So no more is taken in than handlers finish soon, at the rate at which they finished last.
 *
 * <p>It begins with two records for each handler thread, grows fourfold each time that so many were
 * finished, and shrinks as soon as they take longer. A partition of which nothing was finished for
 * drain-timeout no longer counts against the others: nothing that is promised of it would be kept,
 * and it must not hold them up. The worker's thread alone calls it.
 */
public final class PromiseLimit {
  /** What handlers finish in this time is enough for them never to wait for a poll. */
  private static final Duration MAX_WORK = Duration.ofSeconds(2);

  /** The same where one key or partition, and so one thread, may hold all of it. */
  private static final Duration MIN_WORK = Duration.ofMillis(250);

  /** Handlers have three of so many parts of drain-timeout; this is to take one. */
  private static final int PARTS = 4;

  private static final int GROWTH = 4;
  private static final int FIRST = 2;

  /** What is not handled yet of one partition, and when any of it last was. */
  private static final class Progress {
    private int unfinished;
    private long movedAt;
  }

  private final IntSupplier threads;
  private final long patience;
  private final Map<TopicPartition, Progress> partitions = new HashMap<>();
  private int handlers;
  private long work;
  private long allowed;

  /** In partitions that move. */
  private long unfinished;

  /** Since the rate was last worked out: how many were finished, and how long any was not. */
  private long finished;

  private long busy;
  private long measuredAt;

  /**
   * @param threads that handle records; asked once a turn
   * @param drain how long all that is taken in may take before partitions are let go
   */
  public PromiseLimit(IntSupplier threads, Duration drain, long now) {
    this.threads = threads;
    this.patience = drain.toNanos();
    this.measuredAt = now;
    use(threads.getAsInt());
    reset();
  }

  private PromiseLimit() {
    this.threads = () -> 0;
    this.patience = 0;
    this.allowed = Long.MAX_VALUE;
  }

  /** Of deliveries that commit what was handled. */
  public static PromiseLimit none() {
    return new PromiseLimit();
  }

  private void use(int now) {
    handlers = now;
    work = work(now, patience / PARTS);
  }

  /** Fewer threads finish fewer in the same time; with more the rate shows what they finish. */
  private void maybeResize() {
    int now = threads.getAsInt();
    if (now != handlers) {
      allowed = Math.max(now, Math.min(allowed, allowed * now / handlers));
      finished = 0;
      busy = 0;
      use(now);
    }
  }

  /** All of it may be of one key, which one thread handles while the others have nothing to do. */
  private static long work(int handlers, long part) {
    long byOne = Math.max(part * 2 / (handlers + 1), Math.min(part, MIN_WORK.toNanos()));
    return Math.min(byOne, MAX_WORK.toNanos());
  }

  private boolean isNone() {
    return handlers == 0;
  }

  /** Once a turn: what was finished since the last one. */
  void measure(Collection<Track> tracks, long now) {
    if (isNone()) {
      return;
    }
    maybeResize();
    busy += unfinished > 0 ? now - measuredAt : 0;
    measuredAt = now;
    unfinished = 0;
    partitions
        .keySet()
        .retainAll(tracks.stream().map(t -> t.partition).collect(Collectors.toSet()));
    for (Track track : tracks) {
      Progress progress = progress(track.partition);
      int left = track.unsent.stream().mapToInt(PolledRecords::unfinished).sum();
      if (left == 0 || left < progress.unfinished) {
        finished += progress.unfinished - left;
        progress.movedAt = now;
      }
      progress.unfinished = left;
      unfinished += now - progress.movedAt <= patience ? left : 0;
    }
    adapt();
  }

  private Progress progress(TopicPartition partition) {
    return partitions.computeIfAbsent(partition, p -> new Progress());
  }

  private void adapt() {
    boolean isSlow = busy >= work && finished >= handlers;
    if (isSlow || finished >= Math.max(allowed, handlers)) {
      long inTime = (long) ((double) finished * work / Math.max(1, busy));
      allowed = Math.max(handlers, Math.min(inTime, allowed * GROWTH));
      finished = 0;
      busy = 0;
    } else if (busy >= work) {
      // Too few to tell the rate, but it is not above this.
      long inTime = (long) ((double) (finished + handlers) * work / busy);
      allowed = Math.max(handlers, Math.min(inTime, allowed));
    }
  }

  /** Whether the partition may be polled: refilled at half, polls bring more than a handful. */
  boolean isOpenFor(TopicPartition partition) {
    long refill = Math.max(handlers, allowed / 2 + 1);
    return isNone() || (unfinished < refill && progress(partition).unfinished < refill);
  }

  /** How many more records may be taken in of the partition. */
  int fits(TopicPartition partition) {
    long left = isNone() ? allowed : allowed - Math.max(unfinished, progress(partition).unfinished);
    return (int) Math.max(0, Math.min(left, Integer.MAX_VALUE));
  }

  void take(PolledRecords polled, long now) {
    if (isNone()) {
      return;
    }
    Progress progress = progress(polled.partition);
    if (progress.unfinished == 0) {
      progress.movedAt = now;
    }
    if (unfinished == 0) {
      measuredAt = now; // until then handlers had nothing to do
    }
    progress.unfinished += polled.unfinished();
    unfinished += polled.unfinished();
  }

  /** What was taken in is dropped, and nobody knows how fast the handlers are by then. */
  void reset() {
    if (!isNone()) {
      partitions.clear();
      allowed = (long) handlers * FIRST;
      unfinished = 0;
      finished = 0;
      busy = 0;
    }
  }

  long allowed() {
    return allowed;
  }
}
