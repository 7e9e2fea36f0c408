package io.exactlyonce.engine;

import java.util.List;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Pauses partitions for which there is no room or no rate left, that stand at a record, or of which
 * nothing is due yet; and resumes them. What a poll brings beyond the room is given back. The
 * worker's thread alone calls it.
 */
final class BackPressure {
  private final Consumer<byte[], byte[]> consumer;
  private final GiveBack giveBack;
  private final Room room;
  private final RateLimit rate;
  private final Holds holds;

  BackPressure(Consumer<byte[], byte[]> consumer, Room room, RateLimit rate, Holds holds) {
    this.consumer = consumer;
    this.giveBack = new GiveBack(consumer);
    this.room = room;
    this.rate = rate;
    this.holds = holds;
  }

  /** Once a turn. */
  void regulate(Tracks tracks, long now) {
    room.measure(tracks, now);
    boolean spent = rate.waitNanos(now) > 0;
    int paused = 0;
    for (Track track : tracks.all()) {
      boolean stands = holds.isStopped(track.partition) || track.isWaiting(now);
      boolean shut = spent || stands || !room.isOpenFor(track, now);
      if (shut && !track.isPaused()) {
        consumer.pause(Set.of(track.partition));
      } else if (!shut && track.isPaused()) {
        consumer.resume(Set.of(track.partition));
      }
      track.paused(shut);
      paused += shut ? 1 : 0;
    }
    room.show(paused);
  }

  /** Those of the polled records that the track may take in. */
  List<ConsumerRecord<byte[], byte[]>> cut(
      Track track, List<ConsumerRecord<byte[], byte[]>> polled) {
    int fits = room.fits(track, polled);
    if (fits == polled.size()) {
      return polled;
    }
    giveBack.from(track, polled.get(fits));
    return polled.subList(0, fits);
  }

  /** The track has taken the chunk in. */
  void postTake(Chunk chunk, long now) {
    room.take(chunk);
    rate.take(chunk.size(), now);
  }

  /** While a failure is being resolved, polls keep the membership alive and must bring nothing. */
  void pauseAll(Tracks tracks) {
    for (Track track : List.copyOf(tracks.all())) {
      consumer.pause(Set.of(track.partition));
      track.paused(true);
    }
  }
}
