package io.exactlyonce.engine;

import io.exactlyonce.config.PipelineConfig.Retry;
import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How often and when a record whose handler threw is handled again.
 *
 * @param random spreads the waits, so that records that failed together do not come back together
 */
record RetryPolicy(Retry settings, RandomGenerator random) {

  boolean isExhausted(int attempt) {
    return attempt >= settings.attempts();
  }

  /** Doubles with each attempt up to the cap; then at random between half of that and all of it. */
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
