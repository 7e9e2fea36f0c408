package io.exactlyonce.cli.common;

/**
 * Error in an option or setting of a command: nothing was done yet, and repeating it unchanged
 * fails again.
 */
public final class WrongSetting extends CommandFailure {
  private static final long serialVersionUID = 1L;

  public WrongSetting(String message) {
    super(message);
  }
}
