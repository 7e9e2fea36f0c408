package io.exactlyonce.engine;

import io.exactlyonce.receipt.ReceiptEnds;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Invariant 4: where partitions stand is the broker's word. The worker's thread alone calls it.
 *
 * <p>The consumer asks for stable offsets, so a partition taken over from a worker whose commit is
 * still undecided is answered only when that is decided. It decides nothing by itself: where the
 * group has no offset the receipts tell, and where records are gone the pipeline stops.
 */
final class Positions {
  private static final Logger LOG = LoggerFactory.getLogger(Positions.class);

  private final String group;
  private final Consumer<byte[], byte[]> consumer;
  private final Tracks tracks;
  private final TopicIds topicIds;
  private final ReceiptEnds receipts;
  private final Duration timeout;

  Positions(
      String group,
      Consumer<byte[], byte[]> consumer,
      Tracks tracks,
      TopicIds topicIds,
      ReceiptEnds receipts,
      Duration timeout) {
    this.group = group;
    this.consumer = consumer;
    this.tracks = tracks;
    this.topicIds = topicIds;
    this.receipts = receipts;
    this.timeout = timeout;
  }

  /**
   * Makes tracks for partitions that were assigned, and sets the consumer to where they stand.
   *
   * @throws org.apache.kafka.common.KafkaException where the broker does not tell in time; the
   *     tracks are there, and {@link #rewind} finds out where they stand
   * @throws TransactionFailure where records are gone
   */
  void assign(Collection<TopicPartition> assigned) {
    List<Track> added = assigned.stream().map(Track::new).toList();
    added.forEach(tracks::put);
    try {
      locate(added);
    } catch (RuntimeException e) {
      // Any position will do: it is paused, and without one the consumer would fail every poll.
      added.forEach(track -> consumer.seek(track.partition, Math.max(0, track.committed())));
      throw e;
    }
    added.forEach(this::seek);
  }

  /**
   * Drops what is in flight and goes back to what is committed. A partition of which nothing was
   * ever committed goes back to where its track began.
   */
  void rewind() {
    List<Track> all = List.copyOf(tracks.all());
    try {
      locate(all);
      all.forEach(this::seek);
    } catch (RuntimeException e) {
      throw TransactionFailure.of(Phase.POLL, e);
    }
  }

  private void seek(Track track) {
    consumer.seek(track.partition, track.offset(track.committed()));
  }

  private void locate(List<Track> wanted) {
    if (wanted.isEmpty()) {
      return;
    }
    topicIds.refresh(wanted.stream().map(t -> t.partition.topic()).collect(Collectors.toSet()));
    Set<TopicPartition> partitions =
        wanted.stream().map(t -> t.partition).collect(Collectors.toSet());
    Map<TopicPartition, OffsetAndMetadata> committed = consumer.committed(partitions, timeout);
    Map<TopicPartition, Long> begins = consumer.beginningOffsets(partitions, timeout);
    Map<TopicPartition, Long> ends = new HashMap<>(consumer.endOffsets(partitions, timeout));
    Map<TopicPartition, Long> starts = starts(wanted, committed, ends);
    if (starts.entrySet().stream().anyMatch(start -> start.getValue() > ends.get(start.getKey()))) {
      // Receipts are read behind the ends, and another process may have gone on meanwhile.
      ends.putAll(consumer.endOffsets(partitions, timeout));
    }
    List<LostRecords.Range> lost = new ArrayList<>();
    for (Track track : wanted) {
      TopicPartition partition = track.partition;
      long begin = begins.get(partition);
      long start = starts.getOrDefault(partition, begin);
      if (start < begin) {
        lost.add(new LostRecords.Range(partition, start, begin));
      } else if (start > ends.get(partition)) {
        throw stop(new IllegalStateException(endsBefore(partition, start, ends.get(partition))));
      }
      track.topicId(topicIds.of(partition.topic()));
      track.rewind(start);
    }
    if (!lost.isEmpty()) {
      throw stop(new LostRecords(group, lost));
    }
  }

  /** Where partitions stand by the group's offsets, their tracks or the receipts. */
  private Map<TopicPartition, Long> starts(
      List<Track> wanted,
      Map<TopicPartition, OffsetAndMetadata> committed,
      Map<TopicPartition, Long> ends) {
    Map<TopicPartition, Long> starts = new HashMap<>();
    Map<TopicPartition, Uuid> unknown = new HashMap<>();
    for (Track track : wanted) {
      OffsetAndMetadata known = committed.get(track.partition);
      if (known != null) {
        starts.put(track.partition, known.offset());
      } else if (track.committed() != Track.UNKNOWN) {
        starts.put(track.partition, track.committed());
      } else if (ends.get(track.partition) > 0) {
        unknown.put(track.partition, topicIds.of(track.partition.topic()));
      }
    }
    if (!unknown.isEmpty()) {
      starts.putAll(resumed(unknown));
    }
    return starts;
  }

  /** A group that was deleted, or was without members for too long, has receipts but no offsets. */
  private Map<TopicPartition, Long> resumed(Map<TopicPartition, Uuid> unknown) {
    ReceiptEnds.Found found = receipts.find(unknown);
    if (!found.ends().isEmpty()) {
      LOG.warn(
          "{} has no offsets of partitions that it has read; they go on where their receipts end: {}",
          group,
          found.ends());
    }
    for (TopicPartition partition : unknown.keySet()) {
      if (!found.isWhole() && !found.ends().containsKey(partition) && !isKnown(partition.topic())) {
        throw stop(
            new IllegalStateException(
                "nobody knows where "
                    + partition
                    + " stood: group "
                    + group
                    + " has no offset of its topic, and "
                    + receipts.topic()
                    + " no longer holds its receipt; set the group's offsets with"
                    + " kafka-consumer-groups.sh --reset-offsets and start again"));
      }
    }
    return found.ends();
  }

  /** Whether the group reads the topic: then a partition without an offset is a new one. */
  private boolean isKnown(String topic) {
    Set<TopicPartition> all =
        consumer.partitionsFor(topic, timeout).stream()
            .map(info -> new TopicPartition(topic, info.partition()))
            .collect(Collectors.toSet());
    return consumer.committed(all, timeout).values().stream().anyMatch(known -> known != null);
  }

  private static String endsBefore(TopicPartition partition, long start, long end) {
    return partition
        + " ends at "
        + end
        + ", before "
        + start
        + " where it stands: its log was cut; look at what is gone, then set the group's offsets"
        + " with kafka-consumer-groups.sh --reset-offsets and start again";
  }

  private static TransactionFailure stop(RuntimeException why) {
    return new TransactionFailure(Phase.POLL, Reaction.STOP, why);
  }
}
