package io.exactlyonce.cli.common;

import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/** Spreads records evenly over time. Not thread-safe. */
public final class SendRate {
  private static final long SECOND = 1_000_000_000L;

  private final double interval;
  private final LongSupplier nanoTime;
  private final LongConsumer parkNanos;
  private double next = Double.NaN;

  /**
   * @param perSecond records a second; 0 for no limit
   * @param nanoTime the clock
   * @param parkNanos waits for about so many nanoseconds
   */
  public SendRate(double perSecond, LongSupplier nanoTime, LongConsumer parkNanos) {
    this.interval = perSecond == 0 ? 0 : SECOND / perSecond;
    this.nanoTime = nanoTime;
    this.parkNanos = parkNanos;
  }

  /** Returns when the next record may go. */
  public void await() {
    if (interval == 0) {
      return;
    }
    long now = nanoTime.getAsLong();
    // What was lost to a slow broker is made up for, though by no more than a second's worth.
    next = Double.isNaN(next) ? (double) now : Math.max(next + interval, (double) (now - SECOND));
    while (now < next && !Thread.currentThread().isInterrupted()) {
      parkNanos.accept((long) Math.ceil(next - now));
      now = nanoTime.getAsLong();
    }
  }
}
