package io.exactlyonce.guard;

/**
 * The store answers, but its claims are not those of the current generation, or not whole. They
 * have to be rebuilt first, by this instance or another.
 */
public final class GuardLostException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public GuardLostException(String message) {
    super(message);
  }
}
