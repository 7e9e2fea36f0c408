package io.exactlyonce.engine.worker;

import static java.util.Objects.requireNonNull;

import io.exactlyonce.engine.inflight.Track;
import io.exactlyonce.engine.inflight.Tracks;
import io.exactlyonce.engine.topic.Lookup;
import io.exactlyonce.engine.topic.TopicIds;
import io.exactlyonce.receipt.LastReceipts;
import io.exactlyonce.receipt.OffsetMetadata;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.UnstableOffsetCommitException;
import org.jspecify.annotations.Nullable;

/**
 * Finds in the receipts where partitions go on of which the group has no offset. Another thread
 * reads them: up to their end, which waits for transactions that are open there, and all of them
 * for a partition that is new. Other partitions go on meanwhile. The worker's thread alone calls
 * it.
 */
final class LookedUpReceipts {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /**
   * The receipts' answer about one partition.
   *
   * @param end the offset where it goes on; null where no receipt has it
   * @param former an earlier topic of that name, where receipts have one and none has the present
   *     id; else null
   * @param isNew whether a partition without an end was never read: no receipt was deleted, or the
   *     group reads the topic
   * @param isFirst whether the group has no offset of any partition of the topic
   */
  record Said(
      @Nullable Long end, LastReceipts.@Nullable Former former, boolean isNew, boolean isFirst) {}

  private final String group;
  private final LastReceipts receipts;
  private final TopicIds topicIds;
  private final Executor readers;
  private final TrackAnswers<Map<TopicPartition, Said>> answers = new TrackAnswers<>();

  /**
   * @param readers runs the readings: each takes a thread for as long as it lasts
   */
  LookedUpReceipts(String group, LastReceipts receipts, TopicIds topicIds, Executor readers) {
    this.group = group;
    this.receipts = receipts;
    this.topicIds = topicIds;
    this.readers = readers;
  }

  /**
   * Starts one reading for the tracks that have no answer yet.
   *
   * @return the tracks that have to wait, until {@link #takeEnded} gives them out
   */
  Set<Track> maybeRead(Map<Track, Lookup.Answer> wanted) {
    Map<Track, Lookup.Answer> open = new HashMap<>(wanted);
    open.entrySet().removeIf(of -> answers.isFound(of.getKey(), of.getValue().topicId()));
    if (!open.isEmpty()) {
      Map<TopicPartition, Uuid> ids = new HashMap<>();
      Set<TopicPartition> empty = new HashSet<>();
      open.forEach(
          (track, answer) -> {
            ids.put(track.partition, answer.topicId());
            if (answer.end() == 0) {
              empty.add(track.partition);
            }
          });
      CompletableFuture<Map<TopicPartition, Said>> reading =
          CompletableFuture.supplyAsync(() -> read(ids, empty), readers);
      open.forEach((track, answer) -> answers.await(track, answer.topicId(), reading));
    }
    return open.keySet();
  }

  /**
   * Reads the receipts. Those of an empty partition matter if its topic is new to the group: it may
   * have been made anew while no worker ran. If the group reads the topic already they are not
   * read, or every start would read all of them for a partition that never gets records.
   */
  private Map<TopicPartition, Said> read(Map<TopicPartition, Uuid> ids, Set<TopicPartition> empty) {
    Map<String, Boolean> known = new HashMap<>();
    ids.forEach((partition, id) -> known.computeIfAbsent(partition.topic(), t -> isRead(t, id)));
    Map<TopicPartition, Uuid> wanted = new HashMap<>(ids);
    wanted.keySet().removeIf(p -> empty.contains(p) && requireNonNull(known.get(p.topic())));
    LastReceipts.Found found =
        wanted.isEmpty() ? LastReceipts.Found.NOTHING : receipts.find(wanted);
    return ids.keySet().stream()
        .collect(
            Collectors.toMap(
                partition -> partition,
                partition ->
                    new Said(
                        found.ends().get(partition),
                        found.former().get(partition),
                        found.isWhole() || requireNonNull(known.get(partition.topic())),
                        !requireNonNull(known.get(partition.topic())))));
  }

  /** Whether the group has offsets of the topic: then a partition without one is a new one. */
  private boolean isRead(String topic, Uuid id) {
    return topicIds.lookUp(group, topicIds.partitionsOf(topic)).values().stream()
        .anyMatch(answer -> isCommitted(answer, id));
  }

  /** Whether the group has an offset of the topic with this id; an undecided one counts. */
  private static boolean isCommitted(CompletableFuture<Lookup.Answer> answer, Uuid id) {
    try {
      Lookup.Answer found = TopicIds.get(answer, PATIENCE);
      return found.committed() != null
          && OffsetMetadata.topicId(found.committed()).map(id::equals).orElse(true);
    } catch (UnstableOffsetCommitException e) {
      return true;
    }
  }

  /** The receipts' answer about a track that {@link #maybeRead} did not return. */
  Said of(Track track) {
    return requireNonNull(answers.of(track).get(track.partition));
  }

  String topic() {
    return receipts.topic();
  }

  void takeEnded(Tracks tracks, BiConsumer<Track, Optional<Throwable>> ended) {
    answers.takeEnded(tracks, ended);
  }

  boolean isUnderWay() {
    return answers.isUnderWay();
  }

  void clear() {
    answers.clear();
  }

  /** Forgets the answer for a partition that has got a position. */
  void forget(Track track) {
    answers.forget(track);
  }
}
