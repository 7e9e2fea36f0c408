package io.exactlyonce.engine.worker;

import static java.util.Objects.requireNonNull;

import io.exactlyonce.engine.failure.Phase;
import io.exactlyonce.engine.failure.Reaction;
import io.exactlyonce.engine.failure.TransactionFailure;
import io.exactlyonce.engine.inflight.Track;
import io.exactlyonce.engine.inflight.Tracks;
import io.exactlyonce.engine.topic.Lookup;
import io.exactlyonce.engine.topic.TopicIds;
import io.exactlyonce.receipt.Receipt;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.UnknownTopicIdException;

/**
 * Sets partitions to where they go on, by the broker's offsets and never by what a worker
 * remembers. The worker's thread alone calls it.
 *
 * <p>Only stable offsets count: a partition taken over from a worker whose commit is undecided
 * waits until it is decided, as one without a leader or without its topic does, and no other
 * partition waits with it. Where the group has no offset the receipts count; where records are gone
 * the pipeline stops; a topic that was made anew is read from its beginning.
 */
final class Positions {
  /** How long to wait for answers, which usually take milliseconds; nothing is read meanwhile. */
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  /** How much longer a rewind waits while no partition has an answer, as in an outage of Kafka. */
  private static final Duration OUTAGE = Duration.ofSeconds(9);

  private final String group;
  private final Consumer<byte[], byte[]> consumer;
  private final Tracks tracks;
  private final TopicIds topicIds;
  private final LookedUpReceipts receipts;
  private final FormerClaims formerClaims;
  private final Lookups lookups;
  private int changesSeen;
  private boolean fetchesDoubtful;

  Positions(
      String group,
      Consumer<byte[], byte[]> consumer,
      Tracks tracks,
      TopicIds topicIds,
      LookedUpReceipts receipts,
      FormerClaims formerClaims) {
    this.group = group;
    this.consumer = consumer;
    this.tracks = tracks;
    this.topicIds = topicIds;
    this.lookups = new Lookups(group, tracks, topicIds);
    this.receipts = receipts;
    this.formerClaims = formerClaims;
    this.changesSeen = topicIds.changes();
  }

  /**
   * Makes tracks for partitions that were assigned, and sets the consumer to where they stand.
   * Those without an answer in time stay paused until {@link #maybeLocate} takes it in.
   *
   * @throws TransactionFailure where records are gone, or the broker refuses
   */
  void assign(Collection<TopicPartition> assigned) {
    List<Track> added = assigned.stream().map(Track::new).toList();
    for (Track track : added) {
      tracks.put(track);
      // Any position will do while it is paused; without one the consumer would fail every poll.
      consumer.seek(track.partition, 0);
      consumer.pause(Set.of(track.partition));
      track.paused(true);
    }
    lookups.ask(added);
    await(PATIENCE);
  }

  /**
   * Drops what is in flight and goes back to the committed offsets. A partition of which nothing
   * was ever committed goes back to where its track began.
   *
   * @throws TransactionFailure also where the broker answers nothing at all; to be called again
   */
  void rewind() {
    List<Track> all = List.copyOf(tracks.all());
    all.forEach(track -> track.located(false));
    lookups.clear();
    formerClaims.clear();
    receipts.clear();
    lookups.ask(all);
    await(PATIENCE);
    if (!lookups.areAnswered() && all.stream().noneMatch(Track::isLocated)) {
      await(OUTAGE);
    }
    if (lookups.meetOutage() && all.stream().noneMatch(Track::isLocated)) {
      throw TransactionFailure.of(Phase.POLL, lookups.outage());
    }
  }

  /**
   * Takes in late answers, asks again where there was none, and compares the topics' ids where any
   * has changed. To be called once a turn.
   *
   * @throws TransactionFailure where a topic that is read was deleted or made anew
   */
  void maybeLocate(long now) {
    if (changesSeen != topicIds.changes()) {
      changesSeen = topicIds.changes();
      refuseReplaced();
    }
    if (lookups.maybeAskAgain(now) || formerClaims.isUnderWay() || receipts.isUnderWay()) {
      settle();
    }
  }

  private void refuseReplaced() {
    for (Track track : tracks.all()) {
      Uuid now = topicIds.of(track.partition.topic());
      if (track.isLocated() && !track.topicId().equals(now)) {
        throw new TransactionFailure(
            Phase.POLL,
            Reaction.ABORT_AND_REWIND,
            new UnknownTopicIdException(
                "topic "
                    + track.partition.topic()
                    + " was deleted or made anew: its id was "
                    + track.topicId()));
      }
    }
  }

  private void await(Duration bound) {
    lookups.await(bound);
    settle();
  }

  private void settle() {
    List<Track> toAsk = new ArrayList<>();
    BiConsumer<Track, Optional<Throwable>> ended =
        (track, failed) ->
            failed.ifPresentOrElse(e -> lookups.postpone(track, e), () -> toAsk.add(track));
    receipts.takeEnded(tracks, ended);
    formerClaims.takeEnded(tracks, ended);
    lookups.ask(toAsk); // again: meanwhile the topic may have been made anew
    locate(lookups.takeAnswered());
  }

  private void locate(Map<Track, Lookup.Answer> answered) {
    Starts from = new Starts(group, topicIds, receipts);
    answered.keySet().removeAll(receipts.maybeRead(from.unknown(answered)));
    if (answered.isEmpty()) {
      return;
    }
    Map<Track, Starts.Former> madeAnew = new LinkedHashMap<>();
    Map<Track, Uuid> first = new LinkedHashMap<>();
    Map<TopicPartition, Long> starts = from.find(answered, madeAnew, first);
    Set<Track> toRelease =
        formerClaims.maybeRelease(madeAnew, track -> requireNonNull(answered.get(track)).topicId());
    toRelease.addAll(formerClaims.maybeReleaseForgotten(first));
    answered.keySet().removeAll(toRelease);
    madeAnew.keySet().removeAll(toRelease);
    List<LostRecords.Range> lost = new ArrayList<>();
    answered.forEach(
        (track, answer) -> {
          long start = starts.getOrDefault(track.partition, answer.begin());
          if (start < answer.begin()) {
            lost.add(new LostRecords.Range(track.partition, start, answer.begin()));
          } else if (start > answer.end() && start > endNow(track.partition)) {
            throw Starts.stop(
                new IllegalStateException(Starts.endsBefore(track.partition, start, answer.end())));
          }
          if (madeAnew.containsKey(track)) {
            begin(track, answer.topicId(), start, madeAnew.get(track));
          }
          track.topicId(answer.topicId());
          track.rewind(start);
        });
    if (!lost.isEmpty()) {
      throw Starts.stop(new LostRecords(group, lost));
    }
    for (Track track : answered.keySet()) {
      consumer.seek(track.partition, track.offset(track.committed()));
      track.located(true);
      receipts.forget(track);
      formerClaims.forget(track);
    }
    if (!fetchesDoubtful) { // otherwise logged when they are assigned again
      Starts.say(group, answered, madeAnew);
    }
  }

  private void begin(Track track, Uuid id, long start, Starts.Former former) {
    tracks.forget(track.partition);
    // The seek drops what the client has fetched of the old topic, unless it seeks to the very
    // position where the old one was to be read on.
    fetchesDoubtful |= Starts.isOfOther(track, id) && consumer.position(track.partition) == start;
    track.notice(
        new Receipt.Decision(
            track.partition + "@" + start,
            Receipt.Decision.MADE_ANEW,
            "its id is " + id + ", " + former));
  }

  /** The end by now: another process may have gone on since, and written receipts. */
  private long endNow(TopicPartition partition) {
    return TopicIds.get(
            requireNonNull(topicIds.lookUp(group, List.of(partition)).get(partition)), PATIENCE)
        .end();
  }

  /**
   * Whether the client may hold fetched records of a deleted topic for the very position that the
   * new one is read from. The caller has to give up its subscription, which drops them. True once.
   */
  boolean takeFetchesDoubtful() {
    boolean doubtful = fetchesDoubtful;
    fetchesDoubtful = false;
    return doubtful;
  }

  /** Which partitions are not read, and why; empty while all are. */
  String trouble() {
    return lookups.trouble();
  }
}
