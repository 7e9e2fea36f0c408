package io.exactlyonce.guard;

/** The store does not answer, or refuses; whether its claims still stand is not known. */
public final class GuardUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public GuardUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
