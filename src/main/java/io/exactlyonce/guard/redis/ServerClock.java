package io.exactlyonce.guard.redis;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares Redis' clock with the one here. Slices of claims begin and end by Redis' clock alone.
 * Where that was set forward, a slice that begins by it would end slices whose claims are still
 * younger than the window.
 */
final class ServerClock {
  private static final Logger LOG = LoggerFactory.getLogger(ServerClock.class);

  /** Difference below which clocks count as equal; machines that keep time stay below it. */
  static final Duration SLACK = Duration.ofMinutes(1);

  /** Allowance for clocks that run apart: one part in so many. */
  private static final long DRIFT = 1000;

  /** Slices before the current one that a claim is found in: see {@link GuardKeys}. */
  private static final int SLICES_BEFORE = 2;

  /**
   * Time of the server's clock, and when it was read, in {@link System#nanoTime}'s time. One value,
   * so that no thread reads one without the other.
   */
  private record Reading(long millis, long readAt) {}

  private final String group;
  private final Clock own;
  private volatile Reading last = new Reading(0, System.nanoTime());
  private boolean isApart;

  /**
   * @param group for messages
   */
  ServerClock(String group, Clock own) {
    this.group = group;
    this.own = own;
  }

  /**
   * Takes a reading of the server's clock.
   *
   * @param readAt when it was asked for, in {@link System#nanoTime}'s time
   */
  void post(GuardStatus status, long readAt) {
    last = new Reading(status.millis(), readAt);
    boolean wasApart = isApart;
    isApart = Math.abs(status.millis() - own.millis()) > SLACK.toMillis();
    if (isApart && !wasApart) {
      LOG.warn("{}: {}", group, apart(status));
    }
  }

  /**
   * The latest time that the server's clock can show by now, in ms since the epoch: the last
   * reading and the time since then, with room for clocks that run apart. A clock that shows a
   * later time was set forward.
   */
  long latestMillis() {
    Reading reading = last;
    long passed = (System.nanoTime() - reading.readAt()) / 1_000_000;
    return reading.millis() + passed + passed / DRIFT + SLACK.toMillis();
  }

  /**
   * Whether the next claim would begin a slice because the server's clock was set forward, and so
   * end slices that by the clock here are still looked up. False where these have ended by both
   * clocks, since no claim was made for long.
   */
  boolean endsSlicesEarly(GuardStatus status) {
    long here = own.millis();
    if (status.sliceMillis() <= 0 || status.millis() - here <= SLACK.toMillis()) {
      return false;
    }
    long begins = status.millis() / status.sliceMillis();
    long current = here / status.sliceMillis();
    boolean endsEarly =
        begins > status.slice() && begins > current && status.slice() >= current - SLICES_BEFORE;
    if (endsEarly) {
      LOG.warn(
          "{}: claims that are younger than guard.window would be forgotten: {}",
          group,
          apart(status));
    }
    return endsEarly;
  }

  /** Message with the times of both clocks, and what to do. */
  private String apart(GuardStatus status) {
    return String.format(
        "Redis' clock says %s, the clock here %s: correct the one that is wrong; claims are kept"
            + " and rebuilt by them",
        Instant.ofEpochMilli(status.millis()), own.instant());
  }
}
