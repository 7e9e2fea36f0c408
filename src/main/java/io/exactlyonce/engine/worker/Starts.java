package io.exactlyonce.engine.worker;

import io.exactlyonce.engine.failure.Phase;
import io.exactlyonce.engine.failure.Reaction;
import io.exactlyonce.engine.failure.TransactionFailure;
import io.exactlyonce.engine.inflight.Track;
import io.exactlyonce.engine.topic.Lookup;
import io.exactlyonce.engine.topic.TopicIds;
import io.exactlyonce.receipt.OffsetMetadata;
import io.exactlyonce.receipt.Receipt;
import io.exactlyonce.receipt.ReceiptEnds;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.errors.UnstableOffsetCommitException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where partitions go on, by the group's offsets, the tracks or the receipts. */
public record Starts(
    String group, Consumer<byte[], byte[]> consumer, TopicIds topicIds, ReceiptEnds receipts) {
  private static final Logger LOG = LoggerFactory.getLogger(Starts.class);
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  /** An earlier topic of the same name, as far as it is known. */
  record Former(Uuid id, long offset) {
    @Override
    public String toString() {
      return "before it " + id + (offset < 0 ? "" : ", committed up to " + offset);
    }
  }

  /**
   * Where partitions stand by the group's offsets, their tracks or the receipts; absent where they
   * begin.
   *
   * @param madeAnew takes the tracks whose topic is another than what was committed or read
   */
  Map<TopicPartition, Long> find(Map<Track, Lookup.Answer> answered, Map<Track, Former> madeAnew) {
    Map<TopicPartition, Long> starts = new HashMap<>();
    Map<Track, Uuid> unknown = new LinkedHashMap<>();
    answered.forEach(
        (track, answer) -> {
          OffsetAndMetadata known = answer.committed();
          Former former = former(track, answer);
          if (former != null) {
            madeAnew.put(track, former);
            unknown.put(track, answer.topicId());
          } else if (known != null) {
            starts.put(track.partition, known.offset());
          } else if (track.committed() != Track.UNKNOWN) {
            starts.put(track.partition, track.committed());
          } else if (answer.end() > 0) {
            unknown.put(track, answer.topicId());
          }
        });
    // A worker that has read the old topic until now is the first to read the new one.
    unknown.keySet().removeIf(track -> madeAnew.containsKey(track) && isOfOther(track, answered));
    if (!unknown.isEmpty()) {
      starts.putAll(resumed(unknown, madeAnew));
    }
    return starts;
  }

  private static boolean isOfOther(Track track, Map<Track, Lookup.Answer> answered) {
    return isOfOther(track, answered.get(track).topicId());
  }

  static boolean isOfOther(Track track, Uuid now) {
    return !track.topicId().equals(Uuid.ZERO_UUID) && !track.topicId().equals(now);
  }

  /**
   * The topic that the group's offset or the track belongs to, where it is not the one that is
   * there now; null where nothing says so. The broker deletes the offsets of a deleted topic, and a
   * tool that resets them leaves no metadata: such an offset is of the topic that is there, unless
   * it is the one that the track had in the topic before.
   */
  private Former former(Track track, Lookup.Answer answer) {
    OffsetAndMetadata known = answer.committed();
    Uuid of = known == null ? null : OffsetMetadata.topicId(known).orElse(null);
    if (of != null) {
      return of.equals(answer.topicId()) ? null : new Former(of, known.offset());
    }
    if (isOfOther(track, answer.topicId())) {
      return known != null && known.offset() != track.committed()
          ? null
          : new Former(track.topicId(), track.committed());
    }
    Uuid before = topicIds.before(track.partition.topic());
    return known == null
            && track.topicId().equals(Uuid.ZERO_UUID)
            && before != null
            && !before.equals(answer.topicId())
        ? new Former(before, Track.UNKNOWN)
        : null;
  }

  /** A group that was deleted, or was without members for too long, has receipts but no offsets. */
  private Map<TopicPartition, Long> resumed(Map<Track, Uuid> unknown, Map<Track, Former> madeAnew) {
    Map<TopicPartition, Uuid> ids = new HashMap<>();
    unknown.forEach((track, id) -> ids.put(track.partition, id));
    ReceiptEnds.Found found = receipts.find(ids);
    if (!found.ends().isEmpty()) {
      LOG.warn(
          "{} has no offsets of partitions that it has read; they go on where their receipts end: {}",
          group,
          found.ends());
    }
    for (Track track : unknown.keySet()) {
      Receipt.Span former = found.former().get(track.partition);
      if (found.ends().containsKey(track.partition)) {
        madeAnew.remove(track); // another worker was here first
      } else if (madeAnew.containsKey(track)) {
        continue;
      } else if (former != null) {
        madeAnew.put(track, new Former(former.topicId(), former.to()));
      } else if (!found.isWhole() && !isKnown(track.partition.topic())) {
        throw stop(new IllegalStateException(nobodyKnows(track.partition)));
      }
    }
    return found.ends();
  }

  private String nobodyKnows(TopicPartition partition) {
    return "nobody knows where "
        + partition
        + " stood: group "
        + group
        + " has no offset of its topic, and "
        + receipts.topic()
        + " no longer holds its receipt; set the group's offsets with"
        + " kafka-consumer-groups.sh --reset-offsets and start again";
  }

  /** Whether the group reads the topic: then a partition without an offset is a new one. */
  private boolean isKnown(String topic) {
    Set<TopicPartition> all =
        consumer.partitionsFor(topic, PATIENCE).stream()
            .map(info -> new TopicPartition(topic, info.partition()))
            .collect(Collectors.toSet());
    return topicIds.lookUp(group, all).values().stream().anyMatch(answer -> isCommitted(answer));
  }

  /** An undecided offset is one that somebody commits. */
  private static boolean isCommitted(CompletableFuture<Lookup.Answer> answer) {
    try {
      return TopicIds.get(answer, PATIENCE).committed() != null;
    } catch (UnstableOffsetCommitException e) {
      return true;
    }
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
                    answered.get(of.get(0)).topicId(),
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

  /** Whether the broker has answered, though not what would let the partition go on. */
  static boolean isAnswer(KafkaException e) {
    return e instanceof UnknownTopicOrPartitionException
        || e instanceof UnstableOffsetCommitException;
  }

  static TransactionFailure stop(RuntimeException why) {
    return new TransactionFailure(Phase.POLL, Reaction.STOP, why);
  }
}
