package io.exactlyonce.cli.common;

/**
 * Reason why a command cannot go on, for the person who started it: what is wrong, where, and the
 * remedy.
 */
public class CommandFailure extends Exception {
  private static final long serialVersionUID = 1L;

  public CommandFailure(String message) {
    super(message);
  }
}
