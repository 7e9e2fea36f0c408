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
 * Bounds the records that a worker has taken in and not handled yet, with delivery at-most-once,
 * where taking them in commits their offsets. All of them have to be handled within {@code
 * drain-timeout} before their partitions are let go, since they are never read again; what is not
 * taken in, the next owner reads. So no more is taken in than handlers finish soon, at the rate at
 * which they finished last.
 *
 * <p>It begins with two records for each handler thread, grows at most fourfold each time that so
 * many were finished, and shrinks as soon as they take longer. A partition of which nothing was
 * finished for {@code drain-timeout} does not count against the others: its records would not be
 * handled in time anyway, and must not hold up the rest. The worker's thread alone calls it.
 */
public final class PromiseLimit {
  /** Longest work that is taken in at once: with so much, handlers never wait for a poll. */
  private static final Duration MAX_WORK = Duration.ofSeconds(2);

  /**
   * Least work that is taken in, also where one key or partition, so one thread, may hold all of
   * it.
   */
  private static final Duration MIN_WORK = Duration.ofMillis(250);

  /**
   * Handlers have three quarters of {@code drain-timeout} in a drain; the work taken in is to take
   * one quarter.
   */
  private static final int PARTS = 4;

  private static final int GROWTH = 4;
  private static final int FIRST = 2;

  /** Unhandled records of one partition, and when the last of them was finished. */
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

  /** Unhandled records in partitions that make progress. */
  private long unfinished;

  /**
   * Records finished since the rate was last computed, and the time ({@code busy}) in which any was
   * unfinished.
   */
  private long finished;

  private long busy;
  private long measuredAt;

  /**
   * @param threads number of handler threads; asked once a turn
   * @param drain {@code drain-timeout}, within which all that is taken in has to be handled
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

  /** No limit, for deliveries that commit what was handled. */
  public static PromiseLimit none() {
    return new PromiseLimit();
  }

  private void use(int now) {
    handlers = now;
    work = work(now, patience / PARTS);
  }

  /**
   * Takes over a changed number of threads. Fewer finish fewer in the same time; for more the rate
   * will show what they finish.
   */
  private void maybeResize() {
    int now = threads.getAsInt();
    if (now != handlers) {
      allowed = Math.max(now, Math.min(allowed, allowed * now / handlers));
      finished = 0;
      busy = 0;
      use(now);
    }
  }

  /**
   * Work that is taken in, in ns. It shrinks with the number of threads, since all of it may be of
   * one key, which one thread handles while the others have nothing to do.
   */
  private static long work(int handlers, long part) {
    long byOne = Math.max(part * 2 / (handlers + 1), Math.min(part, MIN_WORK.toNanos()));
    return Math.min(byOne, MAX_WORK.toNanos());
  }

  private boolean isNone() {
    return handlers == 0;
  }

  /** Counts what was finished since the last turn, and adapts the limit; called once a turn. */
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
      // Too few were finished to compute the rate, but it is not above this.
      long inTime = (long) ((double) (finished + handlers) * work / busy);
      allowed = Math.max(handlers, Math.min(inTime, allowed));
    }
  }

  /**
   * Whether the partition may be polled: from half of the limit down, so that polls return more
   * than a handful.
   */
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

  /** Starts anew: what was taken in is dropped, and the rate of the handlers may have changed. */
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
