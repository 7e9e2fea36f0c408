package io.exactlyonce.engine;

/**
 * What keeps a pipeline from processing.
 *
 * @param text all of it, in one line; empty while nothing does
 * @param ofGuard the part about the guard, whose store does not answer; empty while it does
 */
record Trouble(String text, String ofGuard) {
  static final Trouble NONE = new Trouble("", "");

  static Trouble of(String text) {
    return new Trouble(text, "");
  }
}
