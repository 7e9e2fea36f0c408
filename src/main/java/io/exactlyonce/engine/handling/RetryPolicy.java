package io.exactlyonce.engine.handling;

import io.exactlyonce.config.PipelineConfig.Retry;
import io.exactlyonce.config.value.OnExhausted;
import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * How often and when a record whose handler threw is handled again.
 *
 * @param random spreads the waits, so that records that failed together do not come back together
 */
public record RetryPolicy(Retry settings, RandomGenerator random) {

  /**
   * Whether a record is tried again whose handler threw this, by {@code retry.on} and {@code
   * retry.never}.
   */
  boolean isWorthIt(Throwable thrown) {
    return !isAny(thrown, settings.never())
        && (settings.on().isEmpty() || isAny(thrown, settings.on()));
  }

  private static boolean isAny(Throwable thrown, List<String> names) {
    for (Class<?> c = thrown.getClass(); c != null && !names.isEmpty(); c = c.getSuperclass()) {
      if (names.contains(c.getName())) {
        return true;
      }
    }
    return false;
  }

  OnExhausted onExhausted() {
    return settings.onExhausted();
  }

  boolean isExhausted(int attempt) {
    return attempt >= settings.attempts();
  }

  /**
   * Wait after a failed attempt: {@code retry.backoff}, doubled with each further attempt up to
   * {@code retry.max-backoff}; of that at random between half and all.
   *
   * @param attempt number of the failed call, from 1
   */
  Duration delay(int attempt) {
    long cap = settings.maxBackoff().toNanos();
    long doubled = settings.backoff().toNanos();
    for (int i = 1; i < attempt && doubled < cap; i++) {
      doubled *= 2;
    }
    long most = Math.min(doubled, cap);
    return Duration.ofNanos(most <= 1 ? most : most / 2 + random.nextLong(most / 2 + 1));
  }
}
