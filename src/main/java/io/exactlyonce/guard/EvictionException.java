package io.exactlyonce.guard;

/** Redis may evict keys, by the policy in the message. An evicted claim would admit a duplicate. */
public final class EvictionException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public EvictionException(String policy) {
    super(policy);
  }
}
