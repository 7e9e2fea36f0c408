package io.exactlyonce.receipt;

import java.time.Duration;
import java.util.OptionalDouble;
import org.apache.kafka.clients.admin.Admin;
import org.jspecify.annotations.Nullable;

/**
 * Finds out that the only thread of an admin client has ended. Kafka lets an Error end it, such as
 * the OutOfMemoryError of a client that takes the answer of a web server, which has got the
 * broker's address, for a length. The client then refuses each call at once, for good.
 *
 * <p>It goes by the client's own count of how often the thread has looked for input: each call
 * makes it look. One thread at a time.
 */
public final class AdminLife {
  private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(1);

  /**
   * While a broker is silent the thread wakes only when a call of 5 s is given up. Looks are
   * counted and not the time: a process that was stopped for a minute has looked once, maybe before
   * the client's thread had its turn.
   */
  private static final int PATIENCE = 15;

  private static final String ROUNDS = "select-total";

  private final Admin admin;

  /** Empty until it was counted. */
  private OptionalDouble rounds = OptionalDouble.empty();

  private @Nullable Long lookedAt;
  private int looksWithoutMove;

  public AdminLife(Admin admin) {
    this.admin = admin;
  }

  /** Whether the thread has gone round since this was asked last; also at the first time. */
  public boolean hasMoved() {
    OptionalDouble now = rounds();
    // A client that has ended takes its counts along.
    boolean hasMoved = rounds.isEmpty() || (now.isPresent() && !now.equals(rounds));
    rounds = now.isPresent() ? now : rounds;
    return hasMoved;
  }

  /**
   * Whether the thread has stood still at so many looks in a row that it has ended. To be asked
   * several times a second, of a client whose calls end within 5 s and follow each other.
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
