package io.exactlyonce.engine;

import java.util.function.Predicate;

/** What a failure comes from: clients wrap what the broker said, at times more than once. */
final class Causes {
  /** A chain that is longer is a ring. */
  private static final int DEPTH = 10;

  private Causes() {}

  /** Whether the failure itself or one of its causes is such. */
  static boolean any(Throwable failure, Predicate<Throwable> such) {
    Throwable cause = failure;
    for (int depth = 0; cause != null && depth < DEPTH; depth++, cause = cause.getCause()) {
      if (such.test(cause)) {
        return true;
      }
    }
    return false;
  }
}
