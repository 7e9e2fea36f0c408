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
 * Pauses and resumes partitions. One is paused while the budget, the rate or the limit of
 * at-most-once has no room for it, while it is stopped at a record, while nothing of it is due yet,
 * or while its position is not known. Records that a poll returns beyond the budget are given back
 * to the consumer. The worker's thread alone calls it.
 */
public final class BackPressure {
  /**
   * Polled records that a track may take in, with their sizes. Each size is computed once, since
   * that reads every header.
   *
   * @param sizes heap of each record in bytes, by index; there may be more than records
   */
  record Taken(List<ConsumerRecord<byte[], byte[]>> records, long[] sizes) {

    /** Heap of the first {@code count} records. */
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
   * @param delays topics whose records are taken in only when they are due
   * @param weight heap that a record takes until it is sent, in bytes
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

  /** Pauses and resumes the partitions by their bounds; called once a turn. */
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

  /**
   * Adds to the track the polled records that it may take in, and gives the others back.
   *
   * @return the records taken in
   */
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

  /**
   * Pauses all partitions during a recovery: its polls keep the membership alive and must return no
   * records.
   */
  public void pauseAll(Tracks tracks) {
    promises.reset();
    for (Track track : List.copyOf(tracks.all())) {
      consumer.pause(Set.of(track.partition));
      track.paused(true);
    }
  }
}
