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
 * One assigned partition with its records in flight. The worker's thread alone touches it.
 *
 * <p>Three offsets, {@code committed <= sent <= read}: behind what is committed, behind what was
 * put into a transaction, and behind what was polled.
 */
public final class Track {
  public static final long UNKNOWN = -1;

  public final TopicPartition partition;
  public final ArrayDeque<PolledRecords> unsent = new ArrayDeque<>();

  /** Polls that were sent whole, kept until they are committed: {@link #takeBack}. */
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

  /** At-most-once: the committed offset, though records before it may not be handled yet. */
  private long promised;

  private Optional<Integer> leaderEpoch = Optional.empty();

  /** A track whose position is not known; {@code Positions} asks the broker. */
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

  /** False until the position is known: until then the partition is paused and not read. */
  public boolean isLocated() {
    return located;
  }

  public void located(boolean now) {
    located = now;
  }

  /** Entry for the receipt of the next transaction, such as a recreated topic; mostly null. */
  public Receipt.@Nullable Decision notice() {
    return notice;
  }

  public void notice(Receipt.Decision next) {
    notice = next;
  }

  /** Drops what is in flight; the next record comes from {@code position}. */
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

  /** Moves the first unsent poll, which was sent whole, to the uncommitted ones. */
  public void removeFirst() {
    PolledRecords polled = unsent.removeFirst();
    unsentRecords -= polled.size();
    uncommitted.addLast(polled);
  }

  /**
   * Makes what was sent and not committed unsent again. Its results are still here, so no handler
   * runs again.
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

  /** Notes that the offsets of all that was taken in are committed, so none is read again. */
  public void promise() {
    promised = read;
  }

  /** Drops what was taken in behind the promised offset; it is read again. */
  public void dropUnpromised() {
    while (!unsent.isEmpty() && unsent.getLast().lastOffset() >= promised) {
      PolledRecords polled = unsent.removeLast();
      polled.drop();
      unsentRecords -= polled.size();
    }
    read = promised;
  }

  /** Counts what was sent as committed, where outputs may be missing: none is sent twice. */
  public void giveUpSent() {
    committedTo(sent);
  }

  /** How many promised records have outputs that are not known to be written. */
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

  /** The offsets of those records, as {@code topic-partition@first-last}. */
  public String unkept() {
    return partition + "@" + committed + "-" + (promised - 1);
  }

  /** Whether the predicate holds for any unsent poll. */
  boolean has(Predicate<PolledRecords> so) {
    return unsent.stream().anyMatch(so);
  }

  public int unsentRecords() {
    return unsentRecords;
  }

  /** Heap of the unsent records and of the outputs that handlers made of them. */
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

  /** Keeps the partition paused until then, in {@link System#nanoTime}'s time. */
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

  /** Moves {@code read} to the consumer's position after a poll, behind control records. */
  void readTo(OffsetAndMetadata next) {
    read = Math.max(read, next.offset());
    leaderEpoch = next.leaderEpoch();
  }

  /** Sets {@code read} to the first record of the poll that is given back to the consumer. */
  public void giveBack(OffsetAndMetadata next) {
    read = next.offset(); // a second call for one poll gives back more, so from an earlier offset
    leaderEpoch = next.leaderEpoch();
    gaveBack = true;
  }

  /** Moves {@code read} to the end of the poll, unless part of it was given back. */
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
    notice = null; // it was in this transaction: nothing of the track was sent before
    while (!uncommitted.isEmpty() && uncommitted.peekFirst().lastOffset() < offset) {
      uncommitted.removeFirst();
    }
  }

  /** Whether there is something to commit without a record: control records, or a notice. */
  public boolean hasUnsentMarkers() {
    return prefixEnd() > sent || notice != null;
  }

  /** End of what can be sent: all that was read, control records too, once nothing is unsent. */
  public long prefixEnd() {
    return unsent.isEmpty() ? read : sent;
  }

  public boolean hasUnsent() {
    return !unsent.isEmpty();
  }

  /** Whether there is an unsent record, and the first one is not parked. */
  boolean hasMoving() {
    return hasUnsent() && !unsent.peekFirst().isParked();
  }

  /** Number of unsent records; 0 where the first one is parked. */
  public int movingRecords() {
    return hasMoving() ? unsentRecords - unsent.peekFirst().sent : 0;
  }

  /** Offset of the first unsent record; only where {@link #hasUnsent}. */
  public long firstUnsent() {
    PolledRecords first = unsent.getFirst();
    return first.offset(first.sent);
  }

  /** Whether the first unsent record waits for an operator's decision: shown as a stop. */
  public boolean isStopped() {
    PolledRecords first = unsent.getFirst();
    RecordResult next = first.result(first.sent);
    return next != null && next.stopped != null;
  }

  /**
   * Lets handlers begin nothing behind what they have begun, and finish what lies before it. It
   * goes from the last poll backwards, so that no record is begun behind the poll it looks at.
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
   * An offset of this partition to commit or to seek. Its metadata is the topic's id: a topic that
   * is recreated under the same name is read from its own beginning.
   */
  public OffsetAndMetadata offset(long offset) {
    return new OffsetAndMetadata(offset, leaderEpoch, metadata());
  }

  private String metadata() {
    return topicId.equals(Uuid.ZERO_UUID) ? "" : topicId.toString();
  }
}
