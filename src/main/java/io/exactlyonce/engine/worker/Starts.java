package io.exactlyonce.engine.worker;

import static java.util.Objects.requireNonNull;

import io.exactlyonce.engine.failure.Phase;
import io.exactlyonce.engine.failure.Reaction;
import io.exactlyonce.engine.failure.TransactionFailure;
import io.exactlyonce.engine.inflight.Track;
import io.exactlyonce.engine.topic.Lookup;
import io.exactlyonce.engine.topic.TopicIds;
import io.exactlyonce.receipt.OffsetMetadata;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.LeaderNotAvailableException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.errors.UnstableOffsetCommitException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds where partitions go on: by the group's offsets, their tracks or the receipts. */
record Starts(String group, TopicIds topicIds, LookedUpReceipts receipts) {
  private static final Logger LOG = LoggerFactory.getLogger(Starts.class);
  private static final Comparator<TopicPartition> BY_NAME =
      Comparator.comparing(TopicPartition::topic).thenComparing(TopicPartition::partition);

  /** An earlier topic of the same name; its offset is below 0 where it is not known. */
  record Former(Uuid id, long offset) {
    @Override
    public String toString() {
      return "before it " + id + (offset < 0 ? "" : ", committed up to " + offset);
    }
  }

  /** The tracks for which the receipts have to be read. */
  Map<Track, Lookup.Answer> unknown(Map<Track, Lookup.Answer> answered) {
    Map<Track, Lookup.Answer> unknown = new LinkedHashMap<>(answered);
    unknown
        .entrySet()
        .removeIf(of -> !isUnknown(of.getKey(), of.getValue(), former(of.getKey(), of.getValue())));
    return unknown;
  }

  /** Whether receipts are needed. A worker that read the former topic is the first in the new. */
  private static boolean isUnknown(Track track, Lookup.Answer answer, @Nullable Former former) {
    return former == null
        ? answer.committed() == null && track.committed() == Track.UNKNOWN
        : !isOfOther(track, answer.topicId());
  }

  /**
   * The offsets where partitions go on; absent are those that are read from their beginning.
   *
   * @param answered for {@link #unknown} ones the receipts have been read
   * @param madeAnew takes the tracks whose topic is another than what was committed or read
   * @param first takes the tracks of topics that the group has never read, as far as is known
   */
  Map<TopicPartition, Long> find(
      Map<Track, Lookup.Answer> answered, Map<Track, Former> madeAnew, Map<Track, Uuid> first) {
    Map<TopicPartition, Long> starts = new HashMap<>();
    Map<TopicPartition, Long> resumed = new TreeMap<>(BY_NAME);
    answered.forEach(
        (track, answer) -> {
          Former former = former(track, answer);
          if (isUnknown(track, answer, former)) {
            LookedUpReceipts.Said said = receipts.of(track);
            if (said.end() != null) { // of the present topic: another worker has read it
              resumed.put(track.partition, said.end());
              return;
            }
            former = former == null ? former(said) : former;
            if (former == null && !said.isNew() && answer.end() > 0) {
              throw stop(new IllegalStateException(nobodyKnows(track.partition)));
            }
            if (former == null && said.isFirst()) {
              first.put(track, answer.topicId());
            }
          }
          if (former != null) {
            madeAnew.put(track, former);
          } else if (answer.committed() != null) {
            starts.put(track.partition, answer.committed().offset());
          } else if (track.committed() != Track.UNKNOWN) {
            starts.put(track.partition, track.committed());
          }
        });
    if (!resumed.isEmpty()) {
      LOG.warn(
          "{} has no offsets of partitions that it has read; they go on where their receipts end: {}",
          group,
          resumed);
      starts.putAll(resumed);
    }
    return starts;
  }

  private static @Nullable Former former(LookedUpReceipts.Said said) {
    return said.former() == null
        ? null
        : new Former(said.former().topicId(), said.former().offset());
  }

  static boolean isOfOther(Track track, Uuid now) {
    return !track.topicId().equals(Uuid.ZERO_UUID) && !track.topicId().equals(now);
  }

  /**
   * The former topic that the group's offset or the track belongs to; null where nothing shows that
   * the topic was made anew. The broker deletes the offsets of a deleted topic, and a tool that
   * resets offsets leaves no topic id: such an offset counts as the present topic's, unless it is
   * the one that the track had in the topic before.
   */
  private @Nullable Former former(Track track, Lookup.Answer answer) {
    OffsetAndMetadata known = answer.committed();
    Uuid of = known == null ? null : OffsetMetadata.topicId(known).orElse(null);
    if (known != null && of != null) {
      return of.equals(answer.topicId()) ? null : new Former(of, known.offset());
    }
    if (isOfOther(track, answer.topicId())) {
      return known != null && known.offset() != track.committed()
          ? null
          : new Former(track.topicId(), track.committed());
    }
    List<Uuid> seen = topicIds.former(track.partition.topic());
    Uuid before = seen.isEmpty() ? answer.topicId() : seen.get(seen.size() - 1);
    return known == null
            && track.topicId().equals(Uuid.ZERO_UUID)
            && !before.equals(answer.topicId())
        ? new Former(before, Track.UNKNOWN)
        : null;
  }

  private String nobodyKnows(TopicPartition partition) {
    return "the position of "
        + partition
        + " is unknown: group "
        + group
        + " has no offset of its topic, and the receipts that are left in topic "
        + receipts.topic()
        + " do not show it; set the group's offsets with"
        + " kafka-consumer-groups.sh --reset-offsets and start again";
  }

  static void say(String group, Map<Track, Lookup.Answer> answered, Map<Track, Former> madeAnew) {
    madeAnew.keySet().stream()
        .collect(Collectors.groupingBy(track -> track.partition.topic()))
        .forEach(
            (topic, of) ->
                LOG.warn(
                    "{}: topic {} was made anew: its id is {}; it is read from {}",
                    group,
                    topic,
                    requireNonNull(answered.get(of.get(0))).topicId(),
                    of.stream()
                        .map(t -> t.partition + "@" + t.committed() + " (" + madeAnew.get(t) + ")")
                        .sorted()
                        .toList()));
  }

  static String endsBefore(TopicPartition partition, long start, long end) {
    return partition
        + " ends at "
        + end
        + ", before "
        + start
        + " where it stands: its log was cut; look at what is gone, then set the group's offsets"
        + " with kafka-consumer-groups.sh --reset-offsets and start again";
  }

  /** Whether the broker has answered, though only that the partition has to wait. */
  static boolean isAnswer(KafkaException e) {
    return e instanceof UnknownTopicOrPartitionException
        || e instanceof LeaderNotAvailableException
        || e instanceof UnstableOffsetCommitException;
  }

  static TransactionFailure stop(RuntimeException why) {
    return new TransactionFailure(Phase.POLL, Reaction.STOP, why);
  }
}
