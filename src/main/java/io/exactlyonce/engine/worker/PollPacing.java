package io.exactlyonce.engine.worker;

import java.time.Duration;

/**
 * How soon a poll follows the last one. Times are of {@link System#nanoTime}'s kind.
 *
 * <p>At a steady rate of some thousand records a second each poll would bring a handful, which
 * costs a fetch, a call of the guard and two hand-overs as thousands do. So who keeps up polls 500
 * times a second at most; the first record after none waits for nobody, and neither does a backlog.
 *
 * <p>And nothing is polled that would only wait for its claim behind thousands of others: at the
 * broker it takes no memory. Now and then it is polled all the same, since rebalances happen in
 * polls.
 */
final class PollPacing {
  /** A poll that brought less, but something, is not followed by another at once. */
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

  /** Whether the next poll is not due yet for no other reason than that the last brought little. */
  boolean isGap(long now) {
    return broughtLittle && now - polledAt < GAP_NANOS;
  }

  /**
   * @param ahead whether the claims of several polls are on their way
   */
  boolean isDue(boolean ahead, long now) {
    return !isGap(now) && (!ahead || now - polledAt >= MAX_UNPOLLED_NANOS);
  }
}
