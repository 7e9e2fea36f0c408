package io.exactlyonce.guard.redis;

import io.exactlyonce.guard.EvictionException;
import io.exactlyonce.guard.GuardLostException;
import io.exactlyonce.guard.GuardRenewedException;
import io.exactlyonce.guard.GuardUnavailableException;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisCommandTimeoutException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.common.KafkaException;

/** Translates failures of claims into the exceptions of {@code Guard.claim}. */
final class GuardFailures {
  /** Beginning of the error with which the scripts refuse claims that cannot be trusted. */
  private static final String LOST = "GUARDLOST ";

  private GuardFailures() {}

  static RuntimeException translate(Throwable failure) {
    Throwable root = root(failure);
    String message = String.valueOf(root.getMessage());
    if (root instanceof RedisCommandExecutionException && message.startsWith(LOST)) {
      return new GuardLostException(
          "the claims in Redis cannot be used: " + message.substring(LOST.length()));
    }
    if (root instanceof GuardLostException
        || root instanceof GuardRenewedException
        || root instanceof KafkaException) {
      return (RuntimeException) root;
    }
    return new GuardUnavailableException(text(root), root);
  }

  private static String text(Throwable root) {
    String message = root.getMessage() == null ? root.toString() : root.getMessage();
    if (root instanceof TimeoutException || root instanceof RedisCommandTimeoutException) {
      return "Redis did not answer within guard.timeout";
    }
    if (root instanceof EvictionException) {
      return "Redis may evict claims (maxmemory-policy " + message + "); set noeviction";
    }
    if (message.startsWith("OOM")) {
      return "Redis is out of memory; raise its maxmemory (" + message + ")";
    }
    return message.startsWith("READONLY")
        ? "Redis is a replica and cannot be written to; make it, or another, the primary"
        : "Redis fails (" + message + ")";
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
