package io.exactlyonce.guard;

import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;

/** What a failed claim means. */
final class GuardFailures {
  private GuardFailures() {}

  static RuntimeException translate(Throwable failure) {
    Throwable root = root(failure);
    if (root instanceof RedisCommandExecutionException refused
        && String.valueOf(refused.getMessage()).startsWith("GUARDLOST")) {
      return new GuardLostException("Redis lost the claims: " + refused.getMessage());
    }
    if (root instanceof TimeoutException) {
      return new RedisException("no answer within guard.timeout");
    }
    return root instanceof RuntimeException known ? known : new RedisException(root);
  }

  static Throwable root(Throwable failure) {
    Throwable root = failure;
    while ((root instanceof CompletionException || root instanceof ExecutionException)
        && root.getCause() != null) {
      root = root.getCause();
    }
    return root;
  }
}
