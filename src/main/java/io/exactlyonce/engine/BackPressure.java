package io.exactlyonce.engine;

import io.exactlyonce.config.PipelineConfig.Bounds;
import java.util.List;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;

/**
 * Pauses a partition that holds its share of the worker's bound and resumes it at half of that. The
 * share is per partition, so that one slow record fills its own partition's share and nothing else
 * (invariants 2 and 7). One poll may overshoot it. A partition that stands at a record, or of which
 * nothing is due yet, is paused too.
 */
final class BackPressure {
  private final Consumer<byte[], byte[]> consumer;
  private final Bounds bounds;
  private final Holds holds;

  BackPressure(Consumer<byte[], byte[]> consumer, Bounds bounds, Holds holds) {
    this.consumer = consumer;
    this.bounds = bounds;
    this.holds = holds;
  }

  void regulate(Tracks tracks, long now) {
    long records = Math.max(1, bounds.records() / Math.max(1, tracks.count()));
    long bytes = Math.max(1, bounds.bytes() / Math.max(1, tracks.count()));
    for (Track track : tracks.all()) {
      boolean stands = holds.isStopped(track.partition) || track.isWaiting(now);
      if (!track.isPaused() && (stands || track.holdsMoreThan(records, bytes))) {
        consumer.pause(Set.of(track.partition));
        track.paused(true);
      } else if (track.isPaused() && !stands && !track.holdsMoreThan(records / 2, bytes / 2)) {
        consumer.resume(Set.of(track.partition));
        track.paused(false);
      }
    }
  }

  /** While a failure is being resolved, polls keep the membership alive and must bring nothing. */
  void pauseAll(Tracks tracks) {
    for (Track track : List.copyOf(tracks.all())) {
      consumer.pause(Set.of(track.partition));
      track.paused(true);
    }
  }
}
