package io.exactlyonce.cli.common;

/** Why a load cannot go on, in words for the one who started it: what, where and the remedy. */
public class LoadFailure extends Exception {
  private static final long serialVersionUID = 1L;

  public LoadFailure(String message) {
    super(message);
  }
}
