package io.exactlyonce.engine.failure;

import java.util.concurrent.CompletionException;
import java.util.function.Predicate;

/** What a failure comes from: clients wrap what the broker said, at times more than once. */
public final class Causes {
  /** A chain that is longer is a ring. */
  private static final int DEPTH = 10;

  private Causes() {}

  /** Whether the failure itself or one of its causes is such. */
  public static boolean any(Throwable failure, Predicate<Throwable> such) {
    Throwable cause = failure;
    for (int depth = 0; cause != null && depth < DEPTH; depth++, cause = cause.getCause()) {
      if (such.test(cause)) {
        return true;
      }
    }
    return false;
  }

  /** What a future failed with, without the wrapping that comes of its stages. */
  public static Throwable unwrapped(Throwable failure) {
    return failure instanceof CompletionException && failure.getCause() != null
        ? failure.getCause()
        : failure;
  }
}
