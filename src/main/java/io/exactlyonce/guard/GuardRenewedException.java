package io.exactlyonce.guard;

/** The claims were rebuilt: what was read before must be dropped and {@link Guard#adopt} called. */
public final class GuardRenewedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public GuardRenewedException() {
    super("the claims were rebuilt; partitions are read again from where they stand");
  }
}
