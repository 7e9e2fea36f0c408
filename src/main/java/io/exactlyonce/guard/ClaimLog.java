package io.exactlyonce.guard;

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

  /** Whether the group never wrote a receipt, so that no claim can have been lost. */
  boolean isEmpty();

  /** After it nothing that was admitted under lost claims can commit any more. */
  void fence();

  /** Every claim of the window that committed work rests on. To be called after {@link #fence}. */
  void replay(Sink sink);
}
