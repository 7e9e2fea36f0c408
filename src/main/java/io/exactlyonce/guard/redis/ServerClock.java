package io.exactlyonce.guard.redis;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What Redis' clock said last, held against the clock here. Slices of claims begin and end by
 * Redis' clock alone; where it was set forward a slice that begins by it would end those in which
 * claims are still younger than the window.
 */
final class ServerClock {
  private static final Logger LOG = LoggerFactory.getLogger(ServerClock.class);

  /** Clocks of machines that keep time differ by less. */
  static final Duration SLACK = Duration.ofMinutes(1);

  private static final long DRIFT = 1000;

  /** A claim is found in the current slice and in the two before it: {@link GuardKeys}. */
  private static final int SLICES_BEFORE = 2;

  /**
   * What the server's clock said, and when that was by the clock here: one value, so that no reader
   * sees the one without the other.
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
   * @param readAt when it was asked, in {@link System#nanoTime}'s kind
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
   * The latest time that the server's clock can say by now, in ms since the epoch: what it said
   * last and what has passed here since, with room for clocks that run apart. A clock that says
   * more was set forward.
   */
  long latestMillis() {
    Reading reading = last;
    long passed = (System.nanoTime() - reading.readAt()) / 1_000_000;
    return reading.millis() + passed + passed / DRIFT + SLACK.toMillis();
  }

  /**
   * Whether the next claim would begin a slice by a clock that was set forward, and end slices that
   * are looked up still by the clock here. Where nobody claimed for long, both clocks say that they
   * have ended.
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

  /** What both clocks say, and what to do. */
  private String apart(GuardStatus status) {
    return String.format(
        "Redis' clock says %s, the clock here %s: correct the one that is wrong; claims are kept"
            + " and rebuilt by them",
        Instant.ofEpochMilli(status.millis()), own.instant());
  }
}
