package io.exactlyonce.engine;

import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * Invariant 4: where partitions stand is the broker's word. The worker's thread alone calls it.
 *
 * <p>The consumer asks for stable offsets, so a partition taken over from a worker whose commit is
 * still undecided is answered only when that is decided.
 */
final class Positions {
  private final Consumer<byte[], byte[]> consumer;
  private final Tracks tracks;
  private final TopicIds topicIds;
  private final Duration timeout;

  Positions(
      Consumer<byte[], byte[]> consumer, Tracks tracks, TopicIds topicIds, Duration timeout) {
    this.consumer = consumer;
    this.tracks = tracks;
    this.topicIds = topicIds;
    this.timeout = timeout;
  }

  /** Makes tracks for partitions that were assigned; the consumer starts at the same offsets. */
  void assign(Collection<TopicPartition> assigned) {
    topicIds.refresh(assigned.stream().map(TopicPartition::topic).collect(Collectors.toSet()));
    Map<TopicPartition, OffsetAndMetadata> committed =
        consumer.committed(new HashSet<>(assigned), timeout);
    for (TopicPartition partition : assigned) {
      OffsetAndMetadata offset = committed.get(partition);
      long position = offset != null ? offset.offset() : consumer.position(partition, timeout);
      tracks.put(new Track(partition, topicIds.of(partition.topic()), position));
    }
  }

  /**
   * Drops what is in flight and goes back to what is committed. A partition of which nothing was ever
   * committed goes back to where its track began: {@code auto.offset.reset} does not decide after an
   * abort.
   */
  void rewind() {
    Set<TopicPartition> partitions = Set.copyOf(tracks.partitions());
    if (partitions.isEmpty()) {
      return;
    }
    Map<TopicPartition, OffsetAndMetadata> committed = consumer.committed(partitions, timeout);
    for (Track track : tracks.all()) {
      OffsetAndMetadata offset = committed.get(track.partition);
      long position = offset != null ? offset.offset() : track.committed();
      track.rewind(position);
      consumer.seek(track.partition, track.offset(position));
    }
  }
}
