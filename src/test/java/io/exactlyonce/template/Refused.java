package io.exactlyonce.template;

/** A refusal to rename or merge. The message gives the reason and the remedy. */
public final class Refused extends RuntimeException {
  private static final long serialVersionUID = 1;

  Refused(String message) {
    super(message);
  }
}
