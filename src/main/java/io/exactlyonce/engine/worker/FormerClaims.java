package io.exactlyonce.engine.worker;

import static java.util.Objects.requireNonNull;

import io.exactlyonce.engine.failure.Causes;
import io.exactlyonce.engine.inflight.Track;
import io.exactlyonce.engine.inflight.Tracks;
import io.exactlyonce.engine.topic.TopicIds;
import io.exactlyonce.guard.Guard;
import io.exactlyonce.guard.GuardLostException;
import io.exactlyonce.guard.GuardUnavailableException;
import io.exactlyonce.guard.TopicTag;
import io.exactlyonce.receipt.LastReceipts;
import java.time.Duration;
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
import java.util.function.Function;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.TimeoutException;

/**
 * Releases the claims that records of a deleted topic hold in the guard without having been
 * processed, before the topic that was made anew under its name is read. That one may hold the same
 * events, which would be dropped as duplicates of events that were never processed. The worker's
 * thread alone calls it.
 *
 * <p>The worker that first finds the topic made anew releases the claims of all its former
 * partitions, and of each topic that had its name before: the new topic may have the event in
 * another partition, whose owner may find out later. A partition that begins anew stays without a
 * position until the release has succeeded. So nothing of the new topic is claimed or committed
 * before, not even the receipt that says that it was made anew; and a worker that takes the
 * partition over after a crash finds it as this one did, and releases the claims again.
 *
 * <p>Claims below the offset up to which the former partition was processed stay: copies of those
 * events are duplicates. That offset is the highest that is known of
 *
 * <ul>
 *   <li>the group's offset, where the broker still has it: it deletes those of a deleted topic;
 *   <li>the track's committed offset;
 *   <li>the end of the partition's receipts. A receipt commits with the outputs that it lists, so
 *       it also shows how a transaction ended that was undecided when the topic was deleted.
 *       Receipts are read after the broker has said that the topic is gone, and up to their end,
 *       which waits for transactions that are open there. A worker that still holds records of the
 *       topic asks the broker after its receipt is written, and does not commit them any more.
 * </ul>
 *
 * <p>Without any of them nothing of the partition was processed. Receipts that are deleted by their
 * age are older than the claims of the records that they listed.
 *
 * <p>With at-least-once, records that were handled and not committed are handled once more, as
 * after any crash. At-most-once commits before it claims: no claim lies past its offset, so there
 * is nothing to release.
 */
final class FormerClaims {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** A topic that exists. */
  private record Topic(String name, Uuid id) {}

  private final Guard guard;
  private final LastReceipts receipts;
  private final TopicIds topicIds;
  private final boolean claimsAhead;
  private final TrackAnswers<Void> released = new TrackAnswers<>();

  /**
   * @param claimsAhead whether records are claimed before their offsets are committed
   */
  FormerClaims(Guard guard, LastReceipts receipts, TopicIds topicIds, boolean claimsAhead) {
    this.guard = guard;
    this.receipts = receipts;
    this.topicIds = topicIds;
    this.claimsAhead = claimsAhead;
  }

  /**
   * Starts to release what is not released yet, once for all partitions of a topic.
   *
   * @param now ids of the tracks' topics
   * @return the tracks that have to wait, until {@link #takeEnded} gives them out
   */
  Set<Track> maybeRelease(Map<Track, Starts.Former> madeAnew, Function<Track, Uuid> now) {
    Set<Track> waiting = new HashSet<>();
    Map<Topic, List<Track>> byTopic = new LinkedHashMap<>();
    for (Track track : madeAnew.keySet()) {
      Topic topic = new Topic(track.partition.topic(), now.apply(track));
      if (claimsAhead && !released.isFound(track, topic.id())) {
        waiting.add(track);
        byTopic.computeIfAbsent(topic, made -> new ArrayList<>()).add(track);
      }
    }
    byTopic.forEach(
        (topic, tracks) -> {
          Map<Uuid, Map<Integer, Long>> known = known(topic.name(), tracks, madeAnew);
          CompletableFuture<Void> done = guard.release(() -> processed(topic.name(), known));
          tracks.forEach(track -> released.await(track, topic.id(), done));
        });
    return waiting;
  }

  /**
   * Starts to release the claims of topics that left nothing but claims. A process that ended
   * before the group had committed anything of its topic left neither offset nor receipt; if the
   * topic was deleted since, nothing shows that the present one had another before it. So before
   * the group reads its first record of a topic, the claims are searched for those of topics that
   * are gone and are in no receipt.
   *
   * @param first tracks of topics that are new to the group, with the topics' ids
   * @return the tracks that have to wait, until {@link #takeEnded} gives them out
   */
  Set<Track> maybeReleaseForgotten(Map<Track, Uuid> first) {
    Set<Track> waiting = new HashSet<>();
    if (claimsAhead) {
      first.forEach(
          (track, id) -> {
            if (!released.isFound(track, id)) {
              waiting.add(track);
            }
          });
    }
    if (!waiting.isEmpty()) {
      CompletableFuture<Void> done = guard.releaseForgotten(this::forgotten);
      waiting.forEach(track -> released.await(track, requireNonNull(first.get(track)), done));
    }
    return waiting;
  }

  /**
   * Picks the topics that are gone and in no receipt. Claims are read first, then the list of
   * topics, then the receipts. So a topic that is made meanwhile is in the list, and a transaction
   * that may still commit for one that is gone is in the receipts.
   */
  private Set<TopicTag> forgotten(Set<TopicTag> held) {
    Set<TopicTag> gone = new HashSet<>(held);
    topicIds.existing().forEach(id -> gone.remove(TopicTag.of(id)));
    if (!gone.isEmpty()) {
      receipts.topicIds().forEach(id -> gone.remove(TopicTag.of(id)));
    }
    return gone;
  }

  /** Former topics of the name, and how far they were processed, as far as this worker knows. */
  private Map<Uuid, Map<Integer, Long>> known(
      String topic, List<Track> tracks, Map<Track, Starts.Former> madeAnew) {
    Map<Uuid, Map<Integer, Long>> known = new HashMap<>();
    topicIds.former(topic).forEach(id -> known.put(id, new HashMap<>()));
    for (Track track : tracks) {
      Starts.Former former = requireNonNull(madeAnew.get(track));
      known
          .computeIfAbsent(former.id(), id -> new HashMap<>())
          .put(track.partition.partition(), Math.max(0, former.offset()));
    }
    return known;
  }

  /**
   * Up to where the partitions of all former topics of the name were processed. Called on another
   * thread. Topics that exist are left out: the present one of that name, and one that was made
   * meanwhile.
   */
  private Map<Uuid, Map<Integer, Long>> processed(
      String topic, Map<Uuid, Map<Integer, Long>> known) {
    Set<Uuid> ids = new HashSet<>(known.keySet());
    ids.addAll(receipts.byTopicId(topic).keySet());
    Set<Uuid> gone = TopicIds.get(topicIds.gone(ids), PATIENCE);
    Map<Uuid, Map<Integer, Long>> processed = receipts.byTopicId(topic);
    known.forEach(
        (id, offsets) -> {
          Map<Integer, Long> ends = processed.computeIfAbsent(id, absent -> new HashMap<>());
          offsets.forEach((partition, offset) -> ends.merge(partition, offset, Math::max));
        });
    processed.keySet().retainAll(gone);
    return processed;
  }

  /** Gives out the tracks that are still assigned and whose release ended, with its failure. */
  void takeEnded(Tracks tracks, BiConsumer<Track, Optional<Throwable>> ended) {
    released.takeEnded(
        tracks, (track, failure) -> ended.accept(track, failure.map(FormerClaims::passing)));
  }

  /**
   * Makes a failure of the guard retriable, whatever {@code guard.on-failure} says: events would be
   * lost without the release.
   */
  private static Throwable passing(Throwable failure) {
    Throwable cause = Causes.unwrapped(failure);
    return cause instanceof GuardUnavailableException || cause instanceof GuardLostException
        ? new TimeoutException("claims of a deleted topic are not released: " + cause.getMessage())
        : cause;
  }

  boolean isUnderWay() {
    return released.isUnderWay();
  }

  void clear() {
    released.clear();
  }

  /** Forgets the release for a partition that has begun anew. */
  void forget(Track track) {
    released.forget(track);
  }
}
