package io.exactlyonce.template;

/** Why nothing was renamed, and what to do about it. */
public final class Refused extends RuntimeException {
  private static final long serialVersionUID = 1;

  Refused(String message) {
    super(message);
  }
}
