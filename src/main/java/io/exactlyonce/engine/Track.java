package io.exactlyonce.engine;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.Optional;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;

/**
 * One assigned partition and what is in flight of it. The worker's thread alone touches it.
 *
 * <p>{@code committed <= sent <= read}: the broker's word, what went into some transaction, and
 * where the consumer stands.
 */
final class Track {
  static final long UNKNOWN = -1;

  final TopicPartition partition;
  final ArrayDeque<Chunk> chunks = new ArrayDeque<>();

  /** Sent whole, and kept until that is committed: {@link #takeBack}. */
  private final ArrayDeque<Chunk> uncommitted = new ArrayDeque<>();

  private Uuid topicId = Uuid.ZERO_UUID;
  private int unsentRecords;
  private long unsentBytes;
  private boolean paused;
  private boolean gaveBack;
  private boolean waiting;
  private long waitsUntil;
  private long committed;
  private long sent;
  private long read;
  private Optional<Integer> leaderEpoch = Optional.empty();

  /** Where it stands is not known yet; {@link Positions} asks the broker. */
  Track(TopicPartition partition) {
    this.partition = partition;
    rewind(UNKNOWN);
  }

  void topicId(Uuid id) {
    topicId = id;
  }

  Uuid topicId() {
    return topicId;
  }

  /** What is in flight is dropped; the next record comes from {@code position}. */
  void rewind(long position) {
    chunks.forEach(Chunk::drop);
    chunks.clear();
    uncommitted.clear();
    unsentRecords = 0;
    unsentBytes = 0;
    committed = position;
    sent = position;
    read = position;
    leaderEpoch = Optional.empty();
    gaveBack = false;
    waiting = false;
  }

  void append(Chunk chunk) {
    chunks.addLast(chunk);
    unsentRecords += chunk.size();
    unsentBytes += chunk.bytes;
  }

  /** The first chunk was sent whole. */
  void removeFirst() {
    Chunk chunk = chunks.removeFirst();
    unsentRecords -= chunk.size();
    unsentBytes -= chunk.bytes;
    uncommitted.addLast(chunk);
  }

  /**
   * What was sent and did not commit is to be sent again: handlers have done their part, and its
   * results are still here.
   */
  void takeBack() {
    while (!uncommitted.isEmpty()) {
      Chunk chunk = uncommitted.removeLast();
      chunks.addFirst(chunk);
      unsentRecords += chunk.size();
      unsentBytes += chunk.bytes;
    }
    chunks.forEach(chunk -> chunk.takeBack(committed));
    sent = committed;
  }

  int unsentRecords() {
    return unsentRecords;
  }

  long unsentBytes() {
    return unsentBytes;
  }

  boolean holdsMoreThan(long records, long bytes) {
    return unsentRecords > records || unsentBytes > bytes;
  }

  /** Nothing of it is due before, in {@link System#nanoTime}'s kind. */
  void waitUntil(long nanos) {
    waiting = true;
    waitsUntil = nanos;
  }

  boolean isWaiting(long now) {
    waiting = waiting && now - waitsUntil < 0;
    return waiting;
  }

  boolean isPaused() {
    return paused;
  }

  void paused(boolean now) {
    paused = now;
  }

  /** Where the consumer stands after a poll, control records included. */
  void readTo(OffsetAndMetadata next) {
    read = Math.max(read, next.offset());
    leaderEpoch = next.leaderEpoch();
  }

  /** Part of a poll goes back to the consumer: the track stands before it, not behind the poll. */
  void giveBack(OffsetAndMetadata next) {
    read = next.offset(); // at once or a second time, earlier: polled records lie behind read
    leaderEpoch = next.leaderEpoch();
    gaveBack = true;
  }

  /** Where the poll ended, unless part of it was given back. */
  void polledTo(OffsetAndMetadata next) {
    if (!gaveBack) {
      readTo(next);
    }
    gaveBack = false;
  }

  void sentTo(long offset) {
    sent = offset;
  }

  void committedTo(long offset) {
    committed = offset;
    while (!uncommitted.isEmpty() && uncommitted.peekFirst().lastOffset() < offset) {
      uncommitted.removeFirst();
    }
  }

  /** Where the prefix ends: all of what was read, markers too, once nothing is in flight. */
  long prefixEnd() {
    return chunks.isEmpty() ? read : sent;
  }

  boolean hasUnsent() {
    return !chunks.isEmpty();
  }

  /** Whether something unsent may become sendable without a timer or an operator. */
  boolean hasMoving() {
    return hasUnsent() && !chunks.peekFirst().isHeld();
  }

  /** How many of them: what stands behind one that a handler has yet to finish, too. */
  int movingRecords() {
    return hasMoving() ? unsentRecords - chunks.peekFirst().sent : 0;
  }

  /** Offset of the record that the next send waits for; only where {@link #hasUnsent}. */
  long firstUnsent() {
    Chunk first = chunks.getFirst();
    return first.offset(first.sent);
  }

  /** Whether that record stands until somebody decides: a stop, and shown as one. */
  boolean isStopped() {
    Chunk first = chunks.getFirst();
    Handled next = first.result(first.sent);
    return next != null && next.stopped != null;
  }

  /**
   * Handlers begin nothing behind what they have begun, and finish what lies before it. From the
   * last chunk on: whatever is narrowed first is behind all that is narrowed later.
   */
  void narrow() {
    Iterator<Chunk> fromLast = chunks.descendingIterator();
    while (fromLast.hasNext() && !fromLast.next().narrow()) {}
  }

  /** Whether a record that was not sent waits for its next attempt or for a decision. */
  boolean hasHeld() {
    return chunks.stream().anyMatch(Chunk::hasHeld);
  }

  boolean hasGap() {
    return chunks.stream().anyMatch(Chunk::hasGap);
  }

  boolean isRunning() {
    return chunks.stream().anyMatch(Chunk::isRunning);
  }

  long sent() {
    return sent;
  }

  long committed() {
    return committed;
  }

  long read() {
    return read;
  }

  OffsetAndMetadata offset(long offset) {
    return new OffsetAndMetadata(offset, leaderEpoch, "");
  }
}
