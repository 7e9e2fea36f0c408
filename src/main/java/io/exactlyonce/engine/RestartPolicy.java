package io.exactlyonce.engine;

import io.exactlyonce.config.PipelineConfig.Restarts;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;

/**
 * When a worker that failed is started again, and when it no longer is. Times are of {@link
 * System#nanoTime}'s kind. One thread at a time.
 */
final class RestartPolicy {
  private static final int MAX_DOUBLINGS = 30;

  private final Restarts settings;

  /** Those of its own that are not forgiven yet; bounded by {@code failures}. */
  private final ArrayDeque<Long> counted = new ArrayDeque<>();

  private int inRow;
  private long lastAt;

  RestartPolicy(Restarts settings) {
    this.settings = settings;
  }

  /**
   * @return how long to wait before the next start; empty where the worker stays down
   */
  Optional<Duration> postFailure(FailureOrigin blame, long now) {
    return switch (blame) {
      case SETTING -> Optional.empty();
      // Without doubling: a backend that is back must not cost more than its outage.
      case BACKEND -> Optional.of(settings.backoff());
      case WORKER -> postOwnFailure(now);
    };
  }

  private Optional<Duration> postOwnFailure(long now) {
    long window = settings.window().toNanos();
    inRow = inRow > 0 && now - lastAt < window ? inRow + 1 : 1;
    lastAt = now;
    counted.removeIf(at -> now - at >= window);
    counted.addLast(now);
    return counted.size() >= settings.failures() ? Optional.empty() : Optional.of(backoff());
  }

  private Duration backoff() {
    Duration doubled = settings.backoff().multipliedBy(1L << Math.min(inRow - 1, MAX_DOUBLINGS));
    return doubled.compareTo(settings.maxBackoff()) < 0 ? doubled : settings.maxBackoff();
  }
}
