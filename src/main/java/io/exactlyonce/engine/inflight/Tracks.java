package io.exactlyonce.engine.inflight;

import io.exactlyonce.engine.status.OldestRecord;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * What a worker has in flight: the partitions assigned to it, with what is remembered of their
 * single records. Its thread's alone.
 */
public final class Tracks {
  private final Map<TopicPartition, Track> tracks = new HashMap<>();
  private final RememberedRecords remembered;
  private final BooleanSupplier brokenOff;

  /**
   * @param brokenOff true before the first handler is interrupted because the pool waits no longer
   */
  public Tracks(RememberedRecords remembered, BooleanSupplier brokenOff) {
    this.remembered = remembered;
    this.brokenOff = brokenOff;
  }

  /** The records that the broker refused, of the worker's partitions and the others. */
  public RefusedRecords refused() {
    return remembered.refused();
  }

  /** Whether handlers are broken off: what they make of that is no result. */
  public boolean isBrokenOff() {
    return brokenOff.getAsBoolean();
  }

  public void put(Track track) {
    tracks.put(track.partition, track);
  }

  public @Nullable Track get(TopicPartition partition) {
    return tracks.get(partition);
  }

  public Collection<Track> all() {
    return tracks.values();
  }

  public Set<TopicPartition> partitions() {
    return tracks.keySet();
  }

  public int count() {
    return tracks.size();
  }

  /** What is in flight of them is dropped; a late result has nowhere to go. */
  public void remove(Collection<TopicPartition> partitions) {
    for (TopicPartition partition : partitions) {
      Track track = tracks.remove(partition);
      if (track != null) {
        track.rewind(track.committed());
        remembered.parked().letGo(partition);
      }
    }
    remembered.parked().releaseClosed();
  }

  /** What is in flight is dropped; all partitions go on from what is committed. */
  public void rewind() {
    tracks.values().forEach(track -> track.rewind(track.committed()));
    remembered.parked().releaseClosed();
  }

  /** A transaction with these offsets is committed. */
  public void postCommit(Map<TopicPartition, OffsetAndMetadata> offsets) {
    offsets.forEach(
        (partition, offset) -> {
          Track track = tracks.get(partition);
          if (track != null) {
            track.committedTo(offset.offset());
          }
          remembered.forgetBelow(partition, offset.offset());
        });
  }

  /** The partition's topic was made anew: nothing that is remembered is of its records. */
  public void forget(TopicPartition partition) {
    remembered.forgetBelow(partition, Long.MAX_VALUE);
  }

  /** Whether a record of the partition waits for a decision. */
  public boolean isStopped(TopicPartition partition) {
    return remembered.parked().isStopped(partition);
  }

  /** What a record of these partitions waits for; empty where nothing is away. */
  public String awaited() {
    return remembered.parked().awaited(tracks.keySet());
  }

  /** No handler begins another record of these partitions, and none of them waits any more. */
  public void closeHandling(Collection<TopicPartition> partitions) {
    for (TopicPartition partition : partitions) {
      Track track = tracks.get(partition);
      if (track != null) {
        track.unsent.forEach(PolledRecords::close);
      }
    }
    remembered.parked().releaseClosed();
  }

  /**
   * The tracks in another order: those behind {@code filledBy} first, and it last. A backlog fills
   * each transaction: always in one order, the last partitions would wait until all of it is done.
   *
   * @param filledBy whose records filled the last transaction; null where it had room for all
   */
  public static Collection<Track> inTurn(Collection<Track> some, @Nullable Track filledBy) {
    if (filledBy == null) {
      return some;
    }
    List<Track> turn = new ArrayList<>(some);
    Collections.rotate(turn, -1 - turn.indexOf(filledBy));
    return turn;
  }

  /** Those of the partitions that are assigned. */
  public List<Track> of(Collection<TopicPartition> partitions) {
    return partitions.stream().map(tracks::get).filter(Objects::nonNull).toList();
  }

  /** Whether all that can be sent of them was, and is committed. */
  public boolean isCommitted(Collection<TopicPartition> partitions) {
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
  public void narrowHandling(Collection<TopicPartition> partitions) {
    for (Track track : of(partitions)) {
      if (track.has(PolledRecords::hasHeld)) {
        track.unsent.forEach(PolledRecords::close);
      } else {
        track.narrow();
      }
    }
    remembered.parked().releaseClosed();
  }

  public boolean hasUnfinished(Collection<TopicPartition> partitions) {
    return of(partitions).stream().anyMatch(track -> track.has(polled -> polled.unfinished() > 0));
  }

  public boolean isHandling(Collection<TopicPartition> partitions) {
    return of(partitions).stream().anyMatch(track -> track.has(PolledRecords::isRunning));
  }

  /** Whether handlers have yet to begin what {@link #narrowHandling} leaves them. */
  public boolean hasGaps(Collection<TopicPartition> partitions) {
    return of(partitions).stream()
        .anyMatch(track -> !track.has(PolledRecords::hasHeld) && track.has(PolledRecords::hasGap));
  }

  public boolean hasUnsent() {
    for (Track track : tracks.values()) {
      if (track.hasUnsent()) {
        return true;
      }
    }
    return false;
  }

  /**
   * Of each partition of which something is unsent; a record that is to be sent a second time is
   * not kept, so a partition that such a one is first of is left out.
   */
  public List<OldestRecord> oldestUnsent() {
    return tracks.values().stream()
        .filter(Track::hasUnsent)
        .map(Tracks::oldestUnsent)
        .flatMap(Optional::stream)
        .toList();
  }

  /** By partition, the offset of the next record that is read; where it stands must be known. */
  public Map<String, Long> readPositions() {
    return tracks.values().stream()
        .filter(Track::isLocated)
        .collect(Collectors.toMap(track -> track.partition.toString(), Track::read));
  }

  private static Optional<OldestRecord> oldestUnsent(Track track) {
    PolledRecords first = track.unsent.getFirst();
    return Optional.ofNullable(first.unsent(first.sent))
        .map(record -> new OldestRecord(track.partition, record.offset(), record.timestamp()));
  }

  /** Whether any holds something that a handler or a claim may finish at any moment. */
  public boolean hasMoving() {
    for (Track track : tracks.values()) {
      if (track.hasMoving()) {
        return true;
      }
    }
    return false;
  }

  public boolean hasUnsentMarkers() {
    for (Track track : tracks.values()) {
      if (track.hasUnsentMarkers()) {
        return true;
      }
    }
    return false;
  }
}
