package io.exactlyonce.engine.inflight;

import io.exactlyonce.receipt.Receipt;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.Optional;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/**
 * One assigned partition and what is in flight of it. The worker's thread alone touches it.
 *
 * <p>{@code committed <= sent <= read}: the broker's word, what went into some transaction, and
 * where the consumer stands.
 */
public final class Track {
  public static final long UNKNOWN = -1;

  public final TopicPartition partition;
  public final ArrayDeque<PolledRecords> unsent = new ArrayDeque<>();

  /** Sent whole, and kept until that is committed: {@link #takeBack}. */
  private final ArrayDeque<PolledRecords> uncommitted = new ArrayDeque<>();

  private Uuid topicId = Uuid.ZERO_UUID;
  private boolean located;
  private Receipt.@Nullable Decision notice;
  private int unsentRecords;
  private boolean paused;
  private boolean gaveBack;
  private boolean waiting;
  private long waitsUntil;
  private long committed;
  private long sent;
  private long read;

  /** Up to here the broker holds the offset though not all of it is handled: at-most-once. */
  private long promised;

  private Optional<Integer> leaderEpoch = Optional.empty();

  /** Where it stands is not known yet; {@code Positions} asks the broker. */
  public Track(TopicPartition partition) {
    this.partition = partition;
    rewind(UNKNOWN);
  }

  public void topicId(Uuid id) {
    topicId = id;
  }

  public Uuid topicId() {
    return topicId;
  }

  /** False until the broker has said where it stands: it is paused, and nothing of it is read. */
  public boolean isLocated() {
    return located;
  }

  public void located(boolean now) {
    located = now;
  }

  /** What the receipt of its next transaction has to say of it; null for all but a few. */
  public Receipt.@Nullable Decision notice() {
    return notice;
  }

  public void notice(Receipt.Decision next) {
    notice = next;
  }

  /** What is in flight is dropped; the next record comes from {@code position}. */
  public void rewind(long position) {
    unsent.forEach(PolledRecords::drop);
    uncommitted.forEach(polled -> polled.spans.drop());
    unsent.clear();
    uncommitted.clear();
    unsentRecords = 0;
    committed = position;
    sent = position;
    read = position;
    promised = position;
    leaderEpoch = Optional.empty();
    gaveBack = false;
    waiting = false;
  }

  public void append(PolledRecords polled) {
    unsent.addLast(polled);
    unsentRecords += polled.size();
  }

  /** The first of the unsent ones were sent whole. */
  public void removeFirst() {
    PolledRecords polled = unsent.removeFirst();
    unsentRecords -= polled.size();
    uncommitted.addLast(polled);
  }

  /**
   * What was sent and did not commit is to be sent again: handlers have done their part, and its
   * results are still here.
   */
  public void takeBack() {
    while (!uncommitted.isEmpty()) {
      PolledRecords polled = uncommitted.removeLast();
      unsent.addFirst(polled);
      unsentRecords += polled.size();
    }
    unsent.forEach(polled -> polled.takeBack(committed));
    sent = committed;
  }

  /** All that was taken in is committed, and none of it will be read again. */
  public void promise() {
    promised = read;
  }

  /** What was taken in behind the promise is read again. */
  public void dropUnpromised() {
    while (!unsent.isEmpty() && unsent.getLast().lastOffset() >= promised) {
      PolledRecords polled = unsent.removeLast();
      polled.drop();
      unsentRecords -= polled.size();
    }
    read = promised;
  }

  /** Where the outputs of what was sent last may be missing, nothing sends them again. */
  public void giveUpSent() {
    committedTo(sent);
  }

  /** How many records were promised whose outputs are not known to be written. */
  public int unkeptRecords() {
    int records = unsentRecords;
    for (PolledRecords polled : unsent) {
      records -= polled.sentBelow(committed);
    }
    for (PolledRecords polled : uncommitted) {
      records += polled.size() - polled.sentBelow(committed);
    }
    return records;
  }

  /** Those records as {@code topic-partition@from-to}. */
  public String unkept() {
    return partition + "@" + committed + "-" + (promised - 1);
  }

  /** Whether any poll's records that are still here are so. */
  boolean has(Predicate<PolledRecords> so) {
    return unsent.stream().anyMatch(so);
  }

  public int unsentRecords() {
    return unsentRecords;
  }

  /** Of the records and of what their handlers made of them: large outputs wait as records do. */
  public long unsentBytes() {
    long sum = 0;
    for (PolledRecords polled : unsent) {
      sum += polled.bytes();
    }
    return sum;
  }

  public boolean holdsMoreThan(long records, long bytes) {
    return unsentRecords > records || unsentBytes() > bytes;
  }

  /** Nothing of it is due before, in {@link System#nanoTime}'s kind. */
  public void waitUntil(long nanos) {
    waiting = true;
    waitsUntil = nanos;
  }

  public boolean isWaiting(long now) {
    waiting = waiting && now - waitsUntil < 0;
    return waiting;
  }

  public boolean isPaused() {
    return paused;
  }

  public void paused(boolean now) {
    paused = now;
  }

  /** Where the consumer stands after a poll, control records included. */
  void readTo(OffsetAndMetadata next) {
    read = Math.max(read, next.offset());
    leaderEpoch = next.leaderEpoch();
  }

  /** Part of a poll goes back to the consumer: the track stands before it, not behind the poll. */
  public void giveBack(OffsetAndMetadata next) {
    read = next.offset(); // at once or a second time, earlier: polled records lie behind read
    leaderEpoch = next.leaderEpoch();
    gaveBack = true;
  }

  /** Where the poll ended, unless part of it was given back. */
  public void polledTo(OffsetAndMetadata next) {
    if (!gaveBack) {
      readTo(next);
    }
    gaveBack = false;
  }

  public void sentTo(long offset) {
    sent = offset;
  }

  public void committedTo(long offset) {
    committed = offset;
    RecordSpans.postCommit(uncommitted, unsent, offset);
    notice = null; // it was part of the transaction: until then nothing of the track is sent
    while (!uncommitted.isEmpty() && uncommitted.peekFirst().lastOffset() < offset) {
      uncommitted.removeFirst();
    }
  }

  /** Whether it moved past markers alone, or its receipt has something to say without a record. */
  public boolean hasUnsentMarkers() {
    return prefixEnd() > sent || notice != null;
  }

  /** Where the prefix ends: all of what was read, markers too, once nothing is in flight. */
  public long prefixEnd() {
    return unsent.isEmpty() ? read : sent;
  }

  public boolean hasUnsent() {
    return !unsent.isEmpty();
  }

  /** Whether something unsent may become sendable without a timer or an operator. */
  boolean hasMoving() {
    return hasUnsent() && !unsent.peekFirst().isParked();
  }

  /** How many of them: what stands behind one that a handler has yet to finish, too. */
  public int movingRecords() {
    return hasMoving() ? unsentRecords - unsent.peekFirst().sent : 0;
  }

  /** Offset of the record that the next send waits for; only where {@link #hasUnsent}. */
  public long firstUnsent() {
    PolledRecords first = unsent.getFirst();
    return first.offset(first.sent);
  }

  /** Whether that record stands until somebody decides: a stop, and shown as one. */
  public boolean isStopped() {
    PolledRecords first = unsent.getFirst();
    RecordResult next = first.result(first.sent);
    return next != null && next.stopped != null;
  }

  /**
   * Handlers begin nothing behind what they have begun, and finish what lies before it. From the
   * last of them on: whatever is narrowed first is behind all that is narrowed later.
   */
  void narrow() {
    Iterator<PolledRecords> fromLast = unsent.descendingIterator();
    while (fromLast.hasNext() && !fromLast.next().narrow()) {}
  }

  public long sent() {
    return sent;
  }

  public long committed() {
    return committed;
  }

  public long read() {
    return read;
  }

  /**
   * An offset of this track to commit or to seek. Its metadata is the id of the topic that it
   * belongs to: a topic that is made anew under the same name starts at its own beginning.
   */
  public OffsetAndMetadata offset(long offset) {
    return new OffsetAndMetadata(offset, leaderEpoch, metadata());
  }

  private String metadata() {
    return topicId.equals(Uuid.ZERO_UUID) ? "" : topicId.toString();
  }
}
