package io.exactlyonce.guard;

/** Redis may evict keys, and an evicted claim admits a duplicate. */
public final class EvictionException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public EvictionException(String policy) {
    super(policy);
  }
}
