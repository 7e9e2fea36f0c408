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
 * hand-over publishes them) and alone moves {@code sent}. A result is written once, released by the
 * array, but for {@link RecordResult#PARKED}, which the result is written over. Those of a
 * partition that was revoked or rewound are dropped as a whole: a late result goes into some that
 * nobody reads any more.
 */
public final class PolledRecords {
  /** What the guard and the event id say, before any handler. */
  public enum Verdict {
    ADMITTED,
    DUPLICATE,
    NO_EVENT_ID,
    BAD_EVENT_ID
  }

  /** Null where there are none. */
  public final TopicPartition partition;

  /** The same as text, for what every output says of its source. */
  public final byte[] partitionText;

  public final byte[][] eventIds;
  public final Verdict[] verdicts;

  /** The topic's, so that a record that is sent on to wait can say where it stood. */
  public Uuid topicId = Uuid.ZERO_UUID;

  /** What {@code OutputHeaders} puts behind a record's position. */
  public byte[] lineage = new byte[0];

  /** Of its records; set before they are handed to handlers. */
  public RecordSpans spans = RecordSpans.NONE;

  private final long bytes;

  /** Of the results so far; handler threads add. */
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

  /** The last record that a handler has begun, and where handlers end; guarded by this. */
  private int begun = -1;

  private int end;

  /** What {@code Batching} made of each batch; empty where the handler takes single events. */
  private @Nullable Object[] prepared = {};

  /** How many of the records were sent; the worker's. */
  public int sent;

  /**
   * @param origins of each record of a retry topic; empty for a source's
   * @param bytes what the records take
   */
  public PolledRecords(
      TopicPartition partition,
      List<ConsumerRecord<byte[], byte[]>> records,
      @Nullable RetryOrigin[] origins,
      long bytes) {
    this.records = new ArrayList<>(records); // a view would keep what is not in it in memory
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

  /** None of what lies at or behind the offset counts as sent any more. */
  void takeBack(long committed) {
    spans.postTakeBack(sent);
    sent = sentBelow(committed);
  }

  public int size() {
    return offsets.length;
  }

  /** How many of the records that were sent lie before the offset. */
  int sentBelow(long offset) {
    int below = 0;
    while (below < sent && offsets[below] < offset) {
      below++;
    }
    return below;
  }

  /** How many records have no result yet, or wait. */
  public int unfinished() {
    return size() - finished.get();
  }

  public long offset(int index) {
    return offsets[index];
  }

  /** In milliseconds since 1970, as the record has it; -1 where it has none. */
  public long timestamp(int index) {
    return timestamps[index];
  }

  /** A record that is not sent yet. */
  public ConsumerRecord<byte[], byte[]> record(int index) {
    return Objects.requireNonNull(records.get(index), "the record was sent");
  }

  /** Null once it was sent. */
  public @Nullable ConsumerRecord<byte[], byte[]> unsent(int index) {
    return records.get(index);
  }

  /**
   * The next record was sent, so it is finished and no handler looks at it again. Its result is
   * kept until that is committed, since it may have to be sent again; the record is not: what lives
   * through a transaction has to be copied by the collector, which costs more than to make it.
   */
  public void postSend() {
    records.set(sent, null);
    sent++;
    if (isSent()) {
      prepared = new Object[0];
    }
  }

  /** Before it is handed to handlers: they take it in stretches of so many records. */
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

  /** What its records and the results that wait to be sent take. */
  public long bytes() {
    return bytes + resultBytes.get();
  }

  /** Null where the record stands in the source. */
  public @Nullable RetryOrigin origin(int index) {
    return origins.length == 0 ? null : origins[index];
  }

  /** Whether the first record that was not sent waits: nothing behind it can be sent either. */
  boolean isParked() {
    RecordResult first = isSent() ? null : result(sent);
    return first != null && first.isParked();
  }

  /** Null while the record is not finished and does not wait. */
  public @Nullable RecordResult result(int index) {
    return results.getAcquire(index);
  }

  public boolean isSent() {
    return sent == size();
  }

  /**
   * A handler thread asks before its first record and calls {@link #exit} after its last.
   *
   * <p>It counts itself in before it looks at {@code closed}; the worker closes before it looks at
   * the count. Whichever comes first, either the handler sees the records closed or the worker sees
   * the handler running.
   */
  public boolean enter() {
    running.incrementAndGet();
    return isOpen();
  }

  public void exit() {
    running.decrementAndGet();
  }

  /** A handler thread, between {@link #enter} and {@link #exit}, asks before each record. */
  public synchronized boolean begin(int index) {
    if (closed || index >= end) {
      return false;
    }
    begun = Math.max(begun, index);
    return true;
  }

  /**
   * No handler begins a record behind the last one that was begun. What lies before it still is, so
   * that in the end no finished record stands behind an unfinished one and has to be handled again.
   *
   * @return whether any was begun
   */
  synchronized boolean narrow() {
    end = begun + 1;
    return begun >= 0;
  }

  /** Whether a record that handlers may still begin, or are at, is not finished. */
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

  /** Whether any record waits for its next attempt or for a decision. */
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

  /** Nothing of it will be sent. */
  void drop() {
    closed = true;
    dropped = true;
    spans.drop();
  }

  public boolean isDropped() {
    return dropped;
  }
}
