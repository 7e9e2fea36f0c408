package io.exactlyonce.cli;

/** Why a load cannot go on, in words for the one who started it: what, where and the remedy. */
final class LoadFailure extends Exception {
  private static final long serialVersionUID = 1L;

  LoadFailure(String message) {
    super(message);
  }
}
