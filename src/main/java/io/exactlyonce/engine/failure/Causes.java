package io.exactlyonce.engine.failure;

import java.util.concurrent.CompletionException;
import java.util.function.Predicate;

/** Searches the causes of a failure: clients wrap the broker's error, at times more than once. */
public final class Causes {
  /** Length of the chain that is searched; a longer one is taken for a cycle. */
  private static final int DEPTH = 10;

  private Causes() {}

  /** Whether the failure or one of its causes satisfies the predicate. */
  public static boolean any(Throwable failure, Predicate<Throwable> such) {
    Throwable cause = failure;
    for (int depth = 0; cause != null && depth < DEPTH; depth++, cause = cause.getCause()) {
      if (such.test(cause)) {
        return true;
      }
    }
    return false;
  }

  /** The exception that a future failed with, without the wrapper that its stages add. */
  public static Throwable unwrapped(Throwable failure) {
    return failure instanceof CompletionException && failure.getCause() != null
        ? failure.getCause()
        : failure;
  }
}
