package io.exactlyonce.cli.common;

import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/** Limits the rate of records, evenly spread over time. Not thread-safe. */
public final class SendRate {
  private static final long SECOND = 1_000_000_000L;

  private final double interval;
  private final LongSupplier nanoTime;
  private final LongConsumer parkNanos;
  private double next = Double.NaN;

  /**
   * @param perSecond records a second; 0 for no limit
   * @param nanoTime the clock, as {@link System#nanoTime}
   * @param parkNanos waits for about so many nanoseconds
   */
  public SendRate(double perSecond, LongSupplier nanoTime, LongConsumer parkNanos) {
    this.interval = perSecond == 0 ? 0 : SECOND / perSecond;
    this.nanoTime = nanoTime;
    this.parkNanos = parkNanos;
  }

  /** Waits until the next record may be sent, or the thread is interrupted. */
  public void await() {
    if (interval == 0) {
      return;
    }
    long now = nanoTime.getAsLong();
    // Time lost to a slow broker is made up for, by at most a second's worth of records.
    next = Double.isNaN(next) ? (double) now : Math.max(next + interval, (double) (now - SECOND));
    while (now < next && !Thread.currentThread().isInterrupted()) {
      parkNanos.accept((long) Math.ceil(next - now));
      now = nanoTime.getAsLong();
    }
  }
}
