package io.exactlyonce.cli.common;

/** Why a load cannot go on, in words for the one who started it: what, where and the remedy. */
public class CommandFailure extends Exception {
  private static final long serialVersionUID = 1L;

  public CommandFailure(String message) {
    super(message);
  }
}
