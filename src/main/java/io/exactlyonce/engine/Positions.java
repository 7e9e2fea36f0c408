package io.exactlyonce.engine;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
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

  Positions(Consumer<byte[], byte[]> consumer, Tracks tracks, TopicIds topicIds, Duration timeout) {
    this.consumer = consumer;
    this.tracks = tracks;
    this.topicIds = topicIds;
    this.timeout = timeout;
  }

  /**
   * Makes tracks for partitions that were assigned. The consumer starts at the same offsets by
   * itself.
   *
   * @throws org.apache.kafka.common.KafkaException where the broker does not tell in time; the
   *     tracks are there, and {@link #rewind} finds out where they stand
   */
  void assign(Collection<TopicPartition> assigned) {
    List<Track> added = assigned.stream().map(Track::new).toList();
    added.forEach(tracks::put);
    locate(added);
  }

  /**
   * Drops what is in flight and goes back to what is committed. A partition of which nothing was
   * ever committed goes back to where its track began: {@code auto.offset.reset} does not decide
   * after an abort.
   */
  void rewind() {
    List<Track> all = List.copyOf(tracks.all());
    try {
      locate(all);
      all.forEach(track -> consumer.seek(track.partition, track.offset(track.committed())));
    } catch (RuntimeException e) {
      throw TransactionFailure.of(Phase.POLL, e);
    }
  }

  private void locate(List<Track> wanted) {
    if (wanted.isEmpty()) {
      return;
    }
    topicIds.refresh(wanted.stream().map(t -> t.partition.topic()).collect(Collectors.toSet()));
    Map<TopicPartition, OffsetAndMetadata> committed =
        consumer.committed(
            wanted.stream().map(t -> t.partition).collect(Collectors.toSet()), timeout);
    for (Track track : wanted) {
      track.topicId(topicIds.of(track.partition.topic()));
      track.rewind(position(track, committed.get(track.partition)));
    }
  }

  private long position(Track track, OffsetAndMetadata committed) {
    if (committed != null) {
      return committed.offset();
    }
    return track.committed() != Track.UNKNOWN
        ? track.committed()
        : consumer.position(track.partition, timeout);
  }
}
