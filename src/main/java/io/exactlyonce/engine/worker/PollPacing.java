package io.exactlyonce.engine.worker;

import java.time.Duration;

/**
 * Decides when the next poll is due. Times are of {@link System#nanoTime}'s kind.
 *
 * <p>At a steady rate of some thousand records a second each poll would bring a handful, and cost a
 * fetch, a call of the guard and two hand-overs as one of thousands does. So a worker that keeps up
 * polls 500 times a second at most. The first record after an empty poll does not wait for that,
 * nor does a backlog.
 *
 * <p>While many polls wait for their claims, records stay at the broker, where they take no memory.
 * A poll is made now and then all the same, since rebalances happen in polls.
 */
final class PollPacing {
  /** A poll that brings less than this, but something, is not followed by another at once. */
  static final int LITTLE = 500;

  static final long GAP_NANOS = Duration.ofMillis(2).toNanos();
  static final long MAX_UNPOLLED_NANOS = Duration.ofMillis(50).toNanos();

  private long polledAt;
  private boolean broughtLittle;

  PollPacing(long now) {
    polledAt = now;
  }

  void postPoll(int records, long now) {
    polledAt = now;
    broughtLittle = records > 0 && records < LITTLE;
  }

  /** Whether the next poll is not due only because the last one brought little. */
  boolean isGap(long now) {
    return broughtLittle && now - polledAt < GAP_NANOS;
  }

  /**
   * @param ahead whether so many polls wait for their claims that one more would only wait too
   */
  boolean isDue(boolean ahead, long now) {
    return !isGap(now) && (!ahead || now - polledAt >= MAX_UNPOLLED_NANOS);
  }
}
