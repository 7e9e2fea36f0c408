package io.exactlyonce.engine.worker;

import io.exactlyonce.engine.failure.Causes;
import io.exactlyonce.engine.inflight.Track;
import io.exactlyonce.engine.inflight.Tracks;
import io.exactlyonce.guard.Guard;
import io.exactlyonce.guard.GuardLostException;
import io.exactlyonce.guard.GuardUnavailableException;
import io.exactlyonce.receipt.ReceiptEnds;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.TimeoutException;

/**
 * Claims that records of a deleted topic left in the guard without being processed. They are
 * released before the topic that was made anew under its name is read: it may hold the same events,
 * and they would be dropped as duplicates of events that were never processed. The worker's thread
 * alone calls it.
 *
 * <p>A partition that begins anew stays without a position until its release has succeeded. So
 * nothing of the new topic is claimed or committed before, the receipt that says that it was made
 * anew included; and a worker that takes the partition over after a crash finds it as this one did,
 * and releases the claims again.
 *
 * <p>Claims below the offset up to which the former partition was processed stay: copies of those
 * events are duplicates. That offset is the furthest that is known of
 *
 * <ul>
 *   <li>the group's offset, where the broker still has it: it deletes those of a deleted topic;
 *   <li>what the track knows to be committed;
 *   <li>the end of the partition's receipts. A receipt commits with the outputs that it tells of,
 *       so it also decides for a transaction whose commit was undecided when the topic went. It is
 *       read after the worker's own producers are recovered, after the broker has said that no
 *       offset of the partition is undecided, and up to the receipts' end, which waits for
 *       transactions that are open there.
 * </ul>
 *
 * <p>Where none of them says anything, nothing of the partition was processed. Receipts that are
 * deleted by their age are older than the claims of what they tell of.
 *
 * <p>At-least-once handles what was handled and not committed once more, as after any crash.
 * At-most-once commits before it claims: no claim stands behind its offset, so there is nothing to
 * release.
 */
final class FormerClaims {
  private record Release(Uuid topicId, CompletableFuture<Void> done) {}

  private final Guard guard;
  private final ReceiptEnds receipts;
  private final boolean claimsAhead;
  private final Map<Track, Release> underWay = new LinkedHashMap<>();
  private final Map<Track, Uuid> released = new HashMap<>();

  /**
   * @param claimsAhead whether records are claimed before their offsets are committed
   */
  FormerClaims(Guard guard, ReceiptEnds receipts, boolean claimsAhead) {
    this.guard = guard;
    this.receipts = receipts;
    this.claimsAhead = claimsAhead;
  }

  /**
   * Begins to release what is not released yet: the partitions of one topic together, so that the
   * guard looks through its claims once.
   *
   * @return the tracks that have to wait: {@link #takeEnded}
   */
  Set<Track> maybeRelease(Map<Track, Starts.Former> madeAnew) {
    Set<Track> waiting = new HashSet<>();
    Map<Uuid, List<Track>> byTopic = new LinkedHashMap<>();
    madeAnew.forEach(
        (track, former) -> {
          if (claimsAhead && !former.id().equals(released.get(track))) {
            waiting.add(track);
            byTopic.computeIfAbsent(former.id(), id -> new ArrayList<>()).add(track);
          }
        });
    byTopic.forEach(
        (id, tracks) -> {
          Map<TopicPartition, Long> known = new HashMap<>();
          tracks.forEach(track -> known.put(track.partition, madeAnew.get(track).offset()));
          CompletableFuture<Void> done = guard.release(id, () -> processed(id, known));
          tracks.forEach(track -> underWay.put(track, new Release(id, done)));
        });
    return waiting;
  }

  /** Up to where a former topic's partitions were processed. Called away from the worker. */
  private Map<Integer, Long> processed(Uuid id, Map<TopicPartition, Long> known) {
    Map<TopicPartition, Uuid> ids = new HashMap<>();
    known.keySet().forEach(partition -> ids.put(partition, id));
    Map<TopicPartition, Long> ends = receipts.find(ids).ends();
    Map<Integer, Long> processed = new HashMap<>();
    known.forEach(
        (partition, committed) -> {
          long end = Math.max(committed, ends.getOrDefault(partition, 0L));
          processed.put(partition.partition(), Math.max(0, end));
        });
    return processed;
  }

  /** Takes out the releases that ended, of tracks that are still here, with why they failed. */
  void takeEnded(Tracks tracks, BiConsumer<Track, Optional<Throwable>> ended) {
    released.keySet().removeIf(track -> tracks.get(track.partition) != track);
    underWay.keySet().removeIf(track -> tracks.get(track.partition) != track);
    for (Track track : List.copyOf(underWay.keySet())) {
      Release release = underWay.get(track);
      if (release.done().isDone()) {
        underWay.remove(track);
        Throwable failure = release.done().handle((done, thrown) -> thrown).join();
        if (failure == null) {
          released.put(track, release.topicId());
        }
        ended.accept(track, Optional.ofNullable(failure).map(FormerClaims::passing));
      }
    }
  }

  /**
   * The guard is waited for, whatever {@code guard.on-failure} says: to go on would lose events.
   */
  private static Throwable passing(Throwable failure) {
    Throwable cause = Causes.unwrapped(failure);
    return cause instanceof GuardUnavailableException || cause instanceof GuardLostException
        ? new TimeoutException("claims of a deleted topic are not released: " + cause.getMessage())
        : cause;
  }

  boolean isUnderWay() {
    return !underWay.isEmpty();
  }

  /** Before all partitions are asked for again; what is under way goes on and harms nothing. */
  void clear() {
    underWay.clear();
    released.clear();
  }

  /** The partition has begun anew. */
  void forget(Track track) {
    released.remove(track);
  }
}
