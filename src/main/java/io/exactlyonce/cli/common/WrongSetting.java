package io.exactlyonce.cli.common;

/**
 * What was given to a command cannot be used: nothing was tried yet, and trying again is no use.
 */
public final class WrongSetting extends CommandFailure {
  private static final long serialVersionUID = 1L;

  public WrongSetting(String message) {
    super(message);
  }
}
