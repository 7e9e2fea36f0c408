package io.exactlyonce.engine.inflight;

import io.exactlyonce.guard.RetryOrigin;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/**
 * The records of one partition in one poll. Handlers fill in results in any order; the worker sends
 * the contiguous prefix.
 *
 * <p>Threads: the worker makes it, writes verdicts before it hands records to handlers (the
 * hand-over publishes them) and alone moves {@code sent}. A result is written once, with the
 * array's release semantics, except that a parked one is overwritten. Records of a partition that
 * was revoked or rewound are dropped as a whole: a result that comes later is written here, where
 * nothing reads it any more.
 */
public final class PolledRecords {
  /** State of a record before its handler is called, by its event id and its claim. */
  public enum Verdict {
    ADMITTED,
    DUPLICATE,
    NO_EVENT_ID,
    BAD_EVENT_ID
  }

  public final TopicPartition partition;

  /** {@code topic-partition} as text, for the source position in every output. */
  public final byte[] partitionText;

  public final byte[][] eventIds;
  public final Verdict[] verdicts;

  /** Id of the topic that the records were read from; a record keeps it in a retry topic. */
  public Uuid topicId = Uuid.ZERO_UUID;

  /** Suffix of a record's position in {@code OutputHeaders}: topic id and group. */
  public byte[] lineage = new byte[0];

  /** Spans of the records; set before these are handed to handlers. */
  public RecordSpans spans = RecordSpans.NONE;

  private final long bytes;

  /** Heap of the results so far; handler threads add. */
  private final AtomicLong resultBytes = new AtomicLong();

  /** How many records have their result; handler threads add. */
  private final AtomicInteger finished = new AtomicInteger();

  private final long[] offsets;
  private final long[] timestamps;
  private final List<@Nullable ConsumerRecord<byte[], byte[]>> records;
  private final @Nullable RetryOrigin[] origins;
  private final AtomicReferenceArray<RecordResult> results;
  private final AtomicInteger running = new AtomicInteger();
  private volatile boolean closed;
  private volatile boolean dropped;

  /** Index of the last record begun; none is begun from {@code end} on. Guarded by this. */
  private int begun = -1;

  private int end;

  /** The batches that {@code Batching} has prepared; empty for handlers of single events. */
  private @Nullable Object[] prepared = {};

  /** How many of the records were sent; the worker's thread alone moves it. */
  public int sent;

  /**
   * @param origins of each record of a retry topic; empty for a source topic
   * @param bytes heap that the records take
   */
  public PolledRecords(
      TopicPartition partition,
      List<ConsumerRecord<byte[], byte[]>> records,
      @Nullable RetryOrigin[] origins,
      long bytes) {
    this.records = new ArrayList<>(records); // a view would keep the rest of the poll in memory
    this.offsets = records.stream().mapToLong(ConsumerRecord::offset).toArray();
    this.timestamps = records.stream().mapToLong(ConsumerRecord::timestamp).toArray();
    this.origins = origins;
    this.eventIds = new byte[records.size()][];
    this.verdicts = new Verdict[records.size()];
    this.results = new AtomicReferenceArray<>(records.size());
    this.partition = partition;
    this.partitionText = String.valueOf(partition).getBytes(StandardCharsets.UTF_8);
    this.bytes = bytes;
    this.end = offsets.length;
  }

  long lastOffset() {
    return offsets[offsets.length - 1];
  }

  /** Takes back what was sent at or behind the offset: its results are to be sent again. */
  void takeBack(long committed) {
    spans.postTakeBack(sent);
    sent = sentBelow(committed);
  }

  public int size() {
    return offsets.length;
  }

  /** How many of the sent records lie before the offset. */
  int sentBelow(long offset) {
    int below = 0;
    while (below < sent && offsets[below] < offset) {
      below++;
    }
    return below;
  }

  /** How many records have no result yet, or are parked. */
  public int unfinished() {
    return size() - finished.get();
  }

  public long offset(int index) {
    return offsets[index];
  }

  /** Timestamp of the record in ms since the epoch; -1 where it has none. */
  public long timestamp(int index) {
    return timestamps[index];
  }

  /** The record; only while it is not sent. */
  public ConsumerRecord<byte[], byte[]> record(int index) {
    return Objects.requireNonNull(records.get(index), "the record was sent");
  }

  /** The record; null once it was sent. */
  public @Nullable ConsumerRecord<byte[], byte[]> unsent(int index) {
    return records.get(index);
  }

  /**
   * Moves past the next record, which was sent. Its result is kept until the commit, since it may
   * have to be sent again. The record is not: no handler reads it again, and the garbage collector
   * copies what outlives a transaction, which costs more than allocating it.
   */
  public void postSend() {
    records.set(sent, null);
    sent++;
    if (isSent()) {
      prepared = new Object[0];
    }
  }

  /** Divides the records into batches of this size; to be called before handlers get any. */
  public void batches(int most) {
    prepared = new Object[(size() + most - 1) / most];
  }

  public boolean isBatched() {
    return prepared.length > 0;
  }

  public @Nullable Object prepared(int batch) {
    return prepared[batch];
  }

  public void prepare(int batch, Object made) {
    prepared[batch] = made;
  }

  public void finish(int index, RecordResult handled) {
    if (handled.bytes > 0) {
      resultBytes.addAndGet(handled.bytes);
    }
    results.setRelease(index, handled);
    if (!handled.isParked()) {
      finished.incrementAndGet();
    }
  }

  /** Heap of the records and of their results so far. */
  public long bytes() {
    return bytes + resultBytes.get();
  }

  /** Where a record of a retry topic stood in the source; null for one of the source itself. */
  public @Nullable RetryOrigin origin(int index) {
    return origins.length == 0 ? null : origins[index];
  }

  /** Whether the first unsent record is parked, so that none behind it can be sent either. */
  boolean isParked() {
    RecordResult first = isSent() ? null : result(sent);
    return first != null && first.isParked();
  }

  /** Result of the record; null while it is neither finished nor parked. */
  public @Nullable RecordResult result(int index) {
    return results.getAcquire(index);
  }

  public boolean isSent() {
    return sent == size();
  }

  /**
   * Counts the calling handler thread in; false where the records are closed. {@link #exit} has to
   * follow in either case.
   *
   * <p>The thread counts itself in before it reads {@code closed}; the worker closes before it
   * reads the count. So either the handler sees the records closed or the worker sees the handler
   * running.
   */
  public boolean enter() {
    running.incrementAndGet();
    return isOpen();
  }

  public void exit() {
    running.decrementAndGet();
  }

  /** Whether the handler may begin a record; called between {@link #enter} and {@link #exit}. */
  public synchronized boolean begin(int index) {
    if (closed || index >= end) {
      return false;
    }
    begun = Math.max(begun, index);
    return true;
  }

  /**
   * Lets no handler begin a record behind the last one that was begun. Records before it still are,
   * so that in the end no finished record lies behind an unfinished one and is handled again.
   *
   * @return whether any was begun
   */
  synchronized boolean narrow() {
    end = begun + 1;
    return begun >= 0;
  }

  /** Whether handlers have yet to finish, or to begin, a record before {@code end}. */
  boolean hasGap() {
    int to;
    synchronized (this) {
      to = end;
    }
    for (int i = sent; i < to; i++) {
      if (result(i) == null) {
        return true;
      }
    }
    return false;
  }

  /** Whether any unsent record is parked. */
  boolean hasHeld() {
    for (int i = sent; i < size(); i++) {
      RecordResult handled = result(i);
      if (handled != null && handled.isParked()) {
        return true;
      }
    }
    return false;
  }

  /** Whether a handler may begin any record at all. */
  boolean isOpen() {
    return !closed;
  }

  /** No handler begins another record; what is finished may still be sent. */
  void close() {
    closed = true;
  }

  boolean isRunning() {
    return running.get() > 0;
  }

  /** Closes the records, and lets none of them be sent. */
  void drop() {
    closed = true;
    dropped = true;
    spans.drop();
  }

  public boolean isDropped() {
    return dropped;
  }
}
