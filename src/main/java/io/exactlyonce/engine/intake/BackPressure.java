package io.exactlyonce.engine.intake;

import io.exactlyonce.engine.inflight.ParkedRecords;
import io.exactlyonce.engine.inflight.PolledRecords;
import io.exactlyonce.engine.inflight.Track;
import io.exactlyonce.engine.inflight.Tracks;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.ToLongFunction;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Pauses partitions for which there is no room or no rate left, that stand at a record, of which
 * nothing is due yet, or of which the broker has yet to say where they stand; and resumes them.
 * What a poll brings beyond the budget is given back. The worker's thread alone calls it.
 */
public final class BackPressure {
  /**
   * Polled records that a track may take in, and what each takes. Each is weighed here once, since
   * that looks at every header.
   *
   * @param sizes in bytes, by index; there may be more than records
   */
  record Taken(List<ConsumerRecord<byte[], byte[]>> records, long[] sizes) {

    /** What so many of the records take, from the first on. */
    long bytes(int count) {
      return Arrays.stream(sizes, 0, count).sum();
    }
  }

  private final Consumer<byte[], byte[]> consumer;
  private final Unread giveBack;
  private final InFlightBudget budget;
  private final RateLimit rate;
  private final PromiseLimit promises;
  private final ParkedRecords parkedRecords;
  private final ToLongFunction<ConsumerRecord<byte[], byte[]>> weight;

  /**
   * @param weight what a record takes in memory until it is sent, in bytes
   */
  public BackPressure(
      Consumer<byte[], byte[]> consumer,
      InFlightBudget budget,
      RateLimit rate,
      PromiseLimit promises,
      ParkedRecords parkedRecords,
      ToLongFunction<ConsumerRecord<byte[], byte[]>> weight) {
    this.consumer = consumer;
    this.giveBack = new Unread(consumer);
    this.budget = budget;
    this.rate = rate;
    this.promises = promises;
    this.parkedRecords = parkedRecords;
    this.weight = weight;
  }

  /** Once a turn. */
  public void regulate(Tracks tracks, long now) {
    budget.measure(tracks, now);
    promises.measure(tracks.all(), now);
    boolean spent = rate.isShut(now);
    int paused = 0;
    for (Track track : tracks.all()) {
      boolean stands =
          !track.isLocated() || parkedRecords.isStopped(track.partition) || track.isWaiting(now);
      boolean shut =
          spent || stands || !budget.isOpenFor(track, now) || !promises.isOpenFor(track.partition);
      if (shut && !track.isPaused()) {
        consumer.pause(Set.of(track.partition));
      } else if (!shut && track.isPaused()) {
        consumer.resume(Set.of(track.partition));
      }
      track.paused(shut);
      paused += shut ? 1 : 0;
    }
    budget.show(paused);
  }

  /** Those of the polled records that the track may take in. */
  Taken cut(Track track, List<ConsumerRecord<byte[], byte[]>> polled) {
    long[] sizes = polled.stream().mapToLong(weight).toArray();
    int fits = Math.min(budget.fits(track, sizes), promises.fits(track.partition));
    if (fits == polled.size()) {
      return new Taken(polled, sizes);
    }
    giveBack.from(track, polled.get(fits));
    return new Taken(polled.subList(0, fits), sizes);
  }

  /** The track has taken the polled records in. */
  void postTake(PolledRecords polled, long now) {
    budget.take(polled);
    promises.take(polled, now);
    rate.take(polled.size(), now);
  }

  /** While a failure is being resolved, polls keep the membership alive and must bring nothing. */
  public void pauseAll(Tracks tracks) {
    promises.reset();
    for (Track track : List.copyOf(tracks.all())) {
      consumer.pause(Set.of(track.partition));
      track.paused(true);
    }
  }
}
