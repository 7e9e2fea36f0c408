package io.exactlyonce.engine;

import io.exactlyonce.config.PipelineConfig.Restarts;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;

/**
 * When a failed worker is started again, and when it stays down. Times are {@link System#nanoTime}.
 * One thread at a time calls it.
 */
final class RestartPolicy {
  private static final int MAX_DOUBLINGS = 30;

  private final Restarts settings;

  /**
   * Times of the worker's own failures within {@code restart.window}; at most {@code
   * restart.failures} of them.
   */
  private final ArrayDeque<Long> counted = new ArrayDeque<>();

  private int inRow;
  private long lastAt;

  RestartPolicy(Restarts settings) {
    this.settings = settings;
  }

  /**
   * Notes a failure of the worker.
   *
   * @return how long to wait before the next start; empty where the worker stays down
   */
  Optional<Duration> postFailure(FailureOrigin blame, long now) {
    return switch (blame) {
      case SETTING -> Optional.empty();
      // Without doubling: once the backend is back, the worker should start soon.
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
