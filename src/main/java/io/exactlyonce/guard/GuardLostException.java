package io.exactlyonce.guard;

/** The store answers, but its claims are not those of the current generation: rebuild first. */
public final class GuardLostException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public GuardLostException(String message) {
    super(message);
  }
}
