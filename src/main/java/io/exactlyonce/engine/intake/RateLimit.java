package io.exactlyonce.engine.intake;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

/**
 * Limits the records per second that the workers of one pipeline take in together. Each poll is
 * charged after it was taken in, by its number of records; until that is paid off no worker takes
 * in another. So the rate holds over any time, except for one poll of each worker. No thread waits
 * in here: workers poll on with their partitions paused. All times are {@link System#nanoTime}; any
 * thread may call it.
 */
public final class RateLimit {
  /**
   * Unused time that may be made up for. Older time is forfeited, since a sink that the rate
   * protects must be spared bursts too.
   */
  private static final long MAX_CREDIT_NANOS = Duration.ofMillis(100).toNanos();

  private final BooleanSupplier isPaused;
  private final double price;
  private final AtomicLong paidAt;

  /**
   * @param perSecond 0 for no limit
   */
  public RateLimit(int perSecond, long now) {
    this(perSecond, now, () -> false);
  }

  /**
   * @param perSecond 0 for no limit
   * @param isPaused whether nothing is to be taken in at all
   */
  public RateLimit(int perSecond, long now, BooleanSupplier isPaused) {
    this.isPaused = isPaused;
    this.price = perSecond == 0 ? 0 : 1e9 / perSecond;
    this.paidAt = new AtomicLong(now);
  }

  /** Whether nothing more may be taken in now. */
  boolean isShut(long now) {
    return isPaused.getAsBoolean() || waitNanos(now) > 0;
  }

  /** Nanoseconds until the rate allows more records; 0 where it does now. */
  long waitNanos(long now) {
    return price == 0 ? 0 : Math.max(0, paidAt.get() - now);
  }

  void take(int records, long now) {
    if (price > 0) {
      long cost = (long) (records * price);
      long earliest = now - MAX_CREDIT_NANOS;
      paidAt.updateAndGet(paid -> (paid - earliest < 0 ? earliest : paid) + cost);
    }
  }

  /** The wait of a poll, cut to the moment when the rate allows records again. */
  public Duration cut(Duration patience, long now) {
    long wait = waitNanos(now);
    return wait == 0 || wait >= patience.toNanos()
        ? patience
        : Duration.ofMillis(wait / 1_000_000 + 1); // polls count ms: rounded up, it never spins
  }
}
