package io.exactlyonce.guard;

/** The claims were rebuilt: the worker must drop the records it holds and {@link Guard#adopt}. */
public final class GuardRenewedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public GuardRenewedException() {
    super("the claims were rebuilt; partitions are read again from their committed offsets");
  }
}
