package io.exactlyonce.engine;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;

/** The partitions assigned to a worker; its thread's alone. */
final class Tracks {
  private final Map<TopicPartition, Track> tracks = new HashMap<>();

  void put(Track track) {
    tracks.put(track.partition, track);
  }

  Track get(TopicPartition partition) {
    return tracks.get(partition);
  }

  Collection<Track> all() {
    return tracks.values();
  }

  Set<TopicPartition> partitions() {
    return tracks.keySet();
  }

  int count() {
    return tracks.size();
  }

  /** What is in flight of them is dropped; a late result has nowhere to go. */
  void remove(Collection<TopicPartition> partitions) {
    for (TopicPartition partition : partitions) {
      Track track = tracks.remove(partition);
      if (track != null) {
        track.rewind(track.committed());
      }
    }
  }

  /** No handler begins another record of these partitions. */
  void closeHandling(Collection<TopicPartition> partitions) {
    for (TopicPartition partition : partitions) {
      Track track = tracks.get(partition);
      if (track != null) {
        track.chunks.forEach(Chunk::close);
      }
    }
  }

  /** Those of the partitions that are assigned. */
  List<Track> of(Collection<TopicPartition> partitions) {
    return partitions.stream().map(tracks::get).filter(Objects::nonNull).toList();
  }

  /** Whether all that can be sent of them was, and is committed. */
  boolean isCommitted(Collection<TopicPartition> partitions) {
    for (Track track : of(partitions)) {
      if (track.sent() != track.committed() || track.prefixEnd() != track.sent()) {
        return false;
      }
    }
    return true;
  }

  /**
   * No handler begins a record that would be the first behind an unfinished one. A partition with a
   * record that waits is closed instead: its prefix ends there, however long the others take.
   */
  void narrowHandling(Collection<TopicPartition> partitions) {
    for (Track track : of(partitions)) {
      if (track.hasHeld()) {
        track.chunks.forEach(Chunk::close);
      } else {
        track.narrow();
      }
    }
  }

  boolean isHandling(Collection<TopicPartition> partitions) {
    return of(partitions).stream().anyMatch(Track::isRunning);
  }

  /** Whether handlers have yet to begin what {@link #narrowHandling} leaves them. */
  boolean hasGaps(Collection<TopicPartition> partitions) {
    return of(partitions).stream().anyMatch(track -> !track.hasHeld() && track.hasGap());
  }

  boolean hasUnsent() {
    for (Track track : tracks.values()) {
      if (track.hasUnsent()) {
        return true;
      }
    }
    return false;
  }

  /** Whether any holds something that a handler or a claim may finish at any moment. */
  boolean hasMoving() {
    for (Track track : tracks.values()) {
      if (track.hasMoving()) {
        return true;
      }
    }
    return false;
  }

  boolean hasUnsentMarkers() {
    for (Track track : tracks.values()) {
      if (track.prefixEnd() > track.sent()) {
        return true;
      }
    }
    return false;
  }
}
