package io.exactlyonce.engine.worker;

import io.exactlyonce.engine.inflight.Tracks;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reports what a worker's records wait for beside Kafka and the guard: a schema registry that is
 * away. Logs when that begins and when it ends. The worker's thread alone calls it.
 */
final class AwaitedTrouble {
  private static final Logger LOG = LoggerFactory.getLogger(AwaitedTrouble.class);
  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(100);

  private final String worker;
  private long lookAt;
  private String trouble = "";

  AwaitedTrouble(String worker, long now) {
    this.worker = worker;
    this.lookAt = now;
  }

  /** The wait in one line; empty while there is none. */
  String look(Tracks tracks, long now) {
    if (now - lookAt < 0) {
      return trouble;
    }
    lookAt = now + BETWEEN_LOOKS.toNanos();
    String found = tracks.awaited();
    if (trouble.isEmpty() && !found.isEmpty()) {
      LOG.warn("{}: {}", worker, found);
    } else if (!trouble.isEmpty() && found.isEmpty()) {
      LOG.info("{}: no record waits for an unavailable service any more", worker);
    }
    trouble = found;
    return trouble;
  }
}
