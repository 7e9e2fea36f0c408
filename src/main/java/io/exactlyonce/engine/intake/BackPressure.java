package io.exactlyonce.engine.intake;

import io.exactlyonce.engine.handling.RetryTopics;
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
   * Polled records that a track may take in, and what each takes. Each is weighed once, since that
   * looks at every header.
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
  private final InFlightBudget budget;
  private final RateLimit rate;
  private final PromiseLimit promises;
  private final RetryTopicGate gate;
  private final ToLongFunction<ConsumerRecord<byte[], byte[]>> weight;

  /**
   * @param delays where a record is let in only once it is due
   * @param weight what a record takes in memory until it is sent, in bytes
   */
  public BackPressure(
      Consumer<byte[], byte[]> consumer,
      InFlightBudget budget,
      RateLimit rate,
      PromiseLimit promises,
      RetryTopics delays,
      ToLongFunction<ConsumerRecord<byte[], byte[]>> weight) {
    this.consumer = consumer;
    this.budget = budget;
    this.rate = rate;
    this.promises = promises;
    this.gate = new RetryTopicGate(consumer, delays);
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
          !track.isLocated() || tracks.isStopped(track.partition) || track.isWaiting(now);
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

  /** Has the track take in what it may of the polled records, and gives back the others. */
  PolledRecords take(Track track, List<ConsumerRecord<byte[], byte[]>> polled, long now) {
    PolledRecords taken = gate.polled(track, cut(track, polled), now);
    if (taken.size() > 0) {
      track.append(taken);
      budget.take(taken);
      promises.take(taken, now);
      rate.take(taken.size(), now);
    }
    return taken;
  }

  private Taken cut(Track track, List<ConsumerRecord<byte[], byte[]>> polled) {
    long[] sizes = polled.stream().mapToLong(weight).toArray();
    int fits = Math.min(budget.fits(track, sizes), promises.fits(track.partition));
    if (fits == polled.size()) {
      return new Taken(polled, sizes);
    }
    gate.giveBack(track, polled.get(fits));
    return new Taken(polled.subList(0, fits), sizes);
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
