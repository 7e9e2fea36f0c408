package io.exactlyonce.guard.redis;

import io.exactlyonce.guard.GuardLostException;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Delays the rebuild where Redis holds whole claims, but of another generation than the log's
 * newest. Such a Redis is a primary that was cut off, or not the one that the other instances use.
 * In the second case the rebuild fences the other instances, which then rebuild in their Redis and
 * fence this one. So each further wait is twice as long, lest they keep fencing each other.
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
   * @param first the first wait
   * @param most the longest wait
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
   * Begins the wait, or goes on with it: Redis holds claims of the generation {@code found}, and
   * another one is the newest in the log.
   *
   * @throws GuardLostException until the wait is over
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
            "Redis at %s holds claims of generation %s, but the newest in the log is %s: no claims"
                + " are made in it. Either it is a primary that was cut off, or REDIS_URI"
                + " (redis.uri) is not the same for all instances of group %s: correct that; if"
                + " this is the right Redis, run rebuild-guard. Its claims are rebuilt %d s after"
                + " this was found",
            address, found, newest, group, wait.toSeconds());
    LOG.warn("{}: {}", group, text);
  }

  /** Whether the wait for claims of this generation is over. */
  boolean isOver(String found) {
    return found.equals(standing) && nanos.getAsLong() - dueAt >= 0;
  }

  /** Why no claims are made during the wait; empty without one. From any thread. */
  String text() {
    return text;
  }

  /** Ends the wait: Redis and the log have the same generation, by a rebuild or another primary. */
  void end() {
    if (!standing.isEmpty() && nanos.getAsLong() - dueAt >= 0) {
      wait = wait.multipliedBy(2).compareTo(most) < 0 ? wait.multipliedBy(2) : most;
      rebuiltAt = nanos.getAsLong();
    }
    standing = "";
    text = "";
  }
}
