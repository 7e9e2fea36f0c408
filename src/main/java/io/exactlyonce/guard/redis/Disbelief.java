package io.exactlyonce.guard.redis;

import io.exactlyonce.guard.GuardLostException;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a Redis is met that holds whole claims, but of another generation than the log's newest: it
 * is a primary that was cut off, or not the Redis that the other instances use. Its claims are
 * rebuilt, but only after a wait: the rebuild fences the other instances, which do the same where
 * they use another Redis. The wait doubles, so that they do not take turns in fencing each other.
 */
final class Disbelief {
  private static final Logger LOG = LoggerFactory.getLogger(Disbelief.class);

  private final String group;
  private final String address;
  private final Duration first;
  private final Duration most;
  private final LongSupplier nanos;
  private String standing = "";
  private Duration wait;
  private long dueAt;
  private long rebuiltAt;
  private volatile String text = "";

  /**
   * @param address of the Redis, for messages
   * @param first how long is waited the first time
   * @param most and at the most
   */
  Disbelief(String group, String address, Duration first, Duration most, LongSupplier nanos) {
    this.group = group;
    this.address = address;
    this.first = first;
    this.most = most;
    this.nanos = nanos;
    this.wait = first;
  }

  /**
   * The claims of this generation stand in Redis, and another one is the newest in the log.
   *
   * @throws GuardLostException until it has been waited for long enough
   */
  void meet(String found, String newest) {
    if (!found.equals(standing)) {
      begin(found, newest);
    }
    if (!isOver(found)) {
      throw new GuardLostException(text);
    }
  }

  private void begin(String found, String newest) {
    long now = nanos.getAsLong();
    if (now - rebuiltAt > 2 * most.toNanos()) {
      wait = first;
    }
    standing = found;
    dueAt = now + wait.toNanos();
    text =
        String.format(
            "Redis at %s holds claims of generation %s, but the newest in the log is %s: it is not"
                + " believed. It is a primary that was cut off, or REDIS_URI (redis.uri) is not the"
                + " same for all instances of group %s: correct that; if this is the right Redis,"
                + " run rebuild-guard. Its claims are rebuilt %d s after this was found",
            address, found, newest, group, wait.toSeconds());
    LOG.warn("{}: {}", group, text);
  }

  /** Whether claims of this generation were waited for, for long enough. */
  boolean isOver(String found) {
    return found.equals(standing) && nanos.getAsLong() - dueAt >= 0;
  }

  /** Why claims wait; empty while they do not. From any thread. */
  String text() {
    return text;
  }

  /** Redis and the log say the same, by a rebuild or by another primary. */
  void end() {
    if (!standing.isEmpty() && nanos.getAsLong() - dueAt >= 0) {
      wait = wait.multipliedBy(2).compareTo(most) < 0 ? wait.multipliedBy(2) : most;
      rebuiltAt = nanos.getAsLong();
    }
    standing = "";
    text = "";
  }
}
