package io.exactlyonce.guard;

import java.util.function.UnaryOperator;

/** What Kafka knows of a group's claims: Redis is a cache of it. */
public interface ClaimLog {
  /** Takes what {@link #replay} finds. */
  @FunctionalInterface
  interface Sink {
    /**
     * The record at this position was processed under this key. Of two positions under one key the
     * later told holds the claim.
     */
    void claim(byte[] key, byte[] position);
  }

  /** Whether the group never committed anything, so that no claim can have been lost. */
  boolean isEmpty();

  /**
   * The newest generation of claims; empty where the log knows none. While one is being announced
   * it is waited for, within a bound. A worker asks after it has made its producers: an
   * announcement that it did not wait for fences them.
   */
  String newest();

  /**
   * Where records were processed without a guard behind the newest generation, or behind all that
   * is looked at where none is found: claims lack theirs. Empty where they were not.
   */
  default String unguarded() {
    return "";
  }

  /**
   * Fences the group's producers, so that nothing that was admitted under claims of an earlier
   * generation can commit any more, and makes another generation the newest, in one transaction.
   *
   * @param next is told the newest so far and says the one to announce; what it throws ends the
   *     announcement before anybody is fenced
   * @return the generation that was announced
   * @throws GuardLostException where another instance announces one meanwhile
   */
  String announce(UnaryOperator<String> next);

  /**
   * Every claim of the window that committed work rests on. To be called after {@link #announce}.
   */
  void replay(Sink sink);

  /** What the last {@link #replay} could not find; nothing once the window has passed it. */
  default MissingClaims missing() {
    return MissingClaims.NONE;
  }

  /** Another process rebuilt the claims that are believed now, and this is what it did not find. */
  default void know(MissingClaims missing) {}
}
