package io.exactlyonce.guard;

import java.util.function.UnaryOperator;

/** A group's claims as Kafka's topics prove them. Redis is a cache of these. */
public interface ClaimLog {
  /** Receives the claims that {@link #replay} finds. */
  @FunctionalInterface
  interface Sink {
    /**
     * Takes one claim: the record at this position was processed under this key. Where several
     * calls have the same key, the position of the last one holds the claim.
     */
    void claim(byte[] key, byte[] position);
  }

  /** Whether the group never committed anything, so that no claim can have been lost. */
  boolean isEmpty();

  /**
   * The newest generation of claims; empty where the log has none. Waits, within a bound, while one
   * is being announced. A worker calls this after it has made its producers: an announcement that
   * begins later fences them.
   */
  String newest();

  /**
   * Position of a receipt of records that were processed without a guard since the newest
   * generation began, so that their claims are missing; empty where none is found. Without a
   * generation any receipt of such records counts.
   */
  default String unguarded() {
    return "";
  }

  /**
   * Fences the group's producers, so that nothing that was admitted under claims of an earlier
   * generation can commit any more, and makes another generation the newest, in one transaction.
   *
   * @param next maps the newest generation so far to the one to announce; an exception of it ends
   *     the announcement before any worker is fenced
   * @return the generation that was announced
   * @throws GuardLostException where another instance announces one at the same time, or where
   *     claims that cannot be rebuilt forbid it
   */
  String announce(UnaryOperator<String> next);

  /**
   * Passes on every claim of the window that committed work depends on. To be called after {@link
   * #announce}: before it, open transactions could still commit and add claims.
   *
   * @throws GuardLostException where claims are missing and the configuration does not go on
   *     without them
   */
  void replay(Sink sink);

  /** The claims that the last {@link #replay} could not find; none once the window has passed. */
  default MissingClaims missing() {
    return MissingClaims.NONE;
  }

  /** Takes over which claims are missing from a rebuild that another process made. */
  default void know(MissingClaims missing) {}
}
