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
 * The partitions assigned to a worker, with their records in flight. The worker's thread alone
 * calls it.
 */
public final class Tracks {
  private final Map<TopicPartition, Track> tracks = new HashMap<>();
  private final RememberedRecords remembered;
  private final BooleanSupplier brokenOff;

  /**
   * @param brokenOff whether the handlers are shut down; true before the first one is interrupted
   *     by that
   */
  public Tracks(RememberedRecords remembered, BooleanSupplier brokenOff) {
    this.remembered = remembered;
    this.brokenOff = brokenOff;
  }

  /** The records that the broker refused, of all workers of the pipeline. */
  public RefusedRecords refused() {
    return remembered.refused();
  }

  /** Whether a stop interrupts the handlers: what they then return or throw is no result. */
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

  /** Removes partitions and drops what is in flight of them; later results are ignored. */
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

  /** Drops what is in flight; all partitions are read on from what is committed. */
  public void rewind() {
    tracks.values().forEach(track -> track.rewind(track.committed()));
    remembered.parked().releaseClosed();
  }

  /** Notes that a transaction with these offsets is committed. */
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

  /** Forgets single records of the partition, whose topic was recreated. */
  public void forget(TopicPartition partition) {
    remembered.forgetBelow(partition, Long.MAX_VALUE);
  }

  /** Whether a record of the partition waits for an operator's decision. */
  public boolean isStopped(TopicPartition partition) {
    return remembered.parked().isStopped(partition);
  }

  /** Line about an assigned record that waits for a service that is away; empty where none does. */
  public String awaited() {
    return remembered.parked().awaited(tracks.keySet());
  }

  /** Lets no handler begin another record of these partitions, and resumes the parked ones. */
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
   * The tracks in the order for the next transaction: those behind {@code filledBy} first, and that
   * one last. With a backlog the first tracks fill each transaction, so in a fixed order the last
   * ones would wait for its end.
   *
   * @param filledBy the track whose records filled the last transaction; null where it had room for
   *     all
   */
  public static Collection<Track> inTurn(Collection<Track> some, @Nullable Track filledBy) {
    if (filledBy == null) {
      return some;
    }
    List<Track> turn = new ArrayList<>(some);
    Collections.rotate(turn, -1 - turn.indexOf(filledBy));
    return turn;
  }

  /** The tracks of those partitions that are assigned. */
  public List<Track> of(Collection<TopicPartition> partitions) {
    return partitions.stream().map(tracks::get).filter(Objects::nonNull).toList();
  }

  /** Whether all that can be sent of these partitions was sent and is committed. */
  public boolean isCommitted(Collection<TopicPartition> partitions) {
    for (Track track : of(partitions)) {
      if (track.sent() != track.committed() || track.prefixEnd() != track.sent()) {
        return false;
      }
    }
    return true;
  }

  /**
   * Lets handlers fill gaps only: they begin records before the last one begun, none behind it. A
   * partition with a parked record is closed instead: its prefix ends there, however long the
   * handlers of others take.
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

  /** Whether handlers have yet to finish what {@link #narrowHandling} leaves them. */
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
   * The first unsent record of each partition. A partition whose first record is to be sent a
   * second time is left out: the record itself is not kept for that.
   */
  public List<OldestRecord> oldestUnsent() {
    return tracks.values().stream()
        .filter(Track::hasUnsent)
        .map(Tracks::oldestUnsent)
        .flatMap(Optional::stream)
        .toList();
  }

  /** The next offset to read, by {@code topic-partition}, where the position is known. */
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

  /** Whether any track has an unsent record that a handler or a claim may finish at any moment. */
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
