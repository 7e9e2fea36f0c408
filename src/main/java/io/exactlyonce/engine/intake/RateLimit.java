package io.exactlyonce.engine.intake;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

/**
 * Records a second that the workers of one pipeline take in together. Each poll is paid for after
 * it was taken in, at the price of its records; until that is paid off nobody takes in another. So
 * the rate holds over any time, but for one poll of each worker, and nobody waits inside: a worker
 * polls on with its partitions paused. All times are of {@link System#nanoTime}'s kind.
 */
public final class RateLimit {
  /** What nobody used for longer is not made up for: a sink that is spared is spared bursts too. */
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

  /** How long nothing more may be taken in by the rate; 0 where it may be at once. */
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

  /** The poll's patience, cut to the moment when there is something to take in again. */
  public Duration cut(Duration patience, long now) {
    long wait = waitNanos(now);
    return wait == 0 || wait >= patience.toNanos()
        ? patience
        : Duration.ofMillis(wait / 1_000_000 + 1); // polls count milliseconds: never a spin
  }
}
