package io.exactlyonce.receipt;

import java.time.Duration;
import java.util.OptionalDouble;
import org.apache.kafka.clients.admin.Admin;
import org.jspecify.annotations.Nullable;

/**
 * Detects that the only thread of an admin client has ended. An Error ends it, such as an
 * OutOfMemoryError: where a web server has got the broker's address, the client takes bytes of its
 * answer for a length. The client then refuses each call at once, for good.
 *
 * <p>The sign is the client's own count of its thread's selects, since each call makes the thread
 * select. One thread at a time.
 */
public final class AdminLife {
  private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(1);

  /**
   * Looks in a row without a new select after which the thread counts as ended. While a broker is
   * silent the thread wakes only when a call of 5 s is given up. Looks are counted instead of time:
   * a process that was stopped for a minute has looked once, maybe before the client's thread ran
   * again.
   */
  private static final int PATIENCE = 15;

  private static final String ROUNDS = "select-total";

  private final Admin admin;

  /** The count at the last look that found one; empty before. */
  private OptionalDouble rounds = OptionalDouble.empty();

  private @Nullable Long lookedAt;
  private int looksWithoutMove;

  public AdminLife(Admin admin) {
    this.admin = admin;
  }

  /** Whether the thread has selected since the last call of this method; true at the first call. */
  public boolean hasMoved() {
    OptionalDouble now = rounds();
    // A client whose thread has ended has no metrics any more.
    boolean hasMoved = rounds.isEmpty() || (now.isPresent() && !now.equals(rounds));
    rounds = now.isPresent() ? now : rounds;
    return hasMoved;
  }

  /**
   * Whether the thread has not selected at {@code PATIENCE} looks in a row, of which there is one a
   * second at most. To be called several times a second, for a client whose calls end within 5 s
   * and follow each other without a break.
   *
   * @param now as {@link System#nanoTime}
   */
  public boolean hasEnded(long now) {
    if (lookedAt == null || now - lookedAt >= BETWEEN_LOOKS.toNanos()) {
      lookedAt = now;
      looksWithoutMove = hasMoved() ? 0 : looksWithoutMove + 1;
    }
    return looksWithoutMove >= PATIENCE;
  }

  private OptionalDouble rounds() {
    return admin.metrics().values().stream()
        .filter(metric -> metric.metricName().name().equals(ROUNDS))
        .mapToDouble(metric -> ((Number) metric.metricValue()).doubleValue())
        .findFirst();
  }
}
