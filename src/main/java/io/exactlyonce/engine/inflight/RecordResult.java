package io.exactlyonce.engine.inflight;

import static java.util.Objects.requireNonNull;

import io.exactlyonce.engine.spi.Sizes;
import io.exactlyonce.engine.status.StoppedPartition;
import io.exactlyonce.receipt.Receipt;
import java.util.List;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.jspecify.annotations.Nullable;

/**
 * What became of one record: written by the thread that handled it, then read by the worker. It is
 * also the callback of its sends, so that a send that fails names its source.
 */
public final class RecordResult implements Callback {
  /** Which of the receipt's counts the record goes into. */
  public enum Kind {
    PROCESSED,
    SKIPPED,
    DUPLICATE,
    DEAD_LETTER,
    /** Given up, by policy or by an operator. */
    PASSED,
    /** Sent on to a retry topic. */
    DELAYED,
    /** Not finished: its lane waits. Its result is written over this. */
    PARKED
  }

  /**
   * Why a record makes its partition stand.
   *
   * @param cause what the handler threw last
   */
  public record Stopped(StoppedPartition stop, Throwable cause) {}

  public static final RecordResult DUPLICATE = of(Kind.DUPLICATE);
  public static final RecordResult SKIPPED = of(Kind.SKIPPED);
  public static final RecordResult PASSED = of(Kind.PASSED);

  /** Waits for its next attempt. */
  public static final RecordResult PARKED = of(Kind.PARKED);

  public final Kind kind;
  public final List<ProducerRecord<byte[], byte[]>> outputs;

  /** What the outputs take in memory until they are committed. */
  public final long bytes;

  /** Null unless an operator decided. */
  public final Receipt.@Nullable Decision decision;

  /** Null unless the record waits for a decision. */
  public final @Nullable Stopped stopped;

  /** What the record waits for without an attempt being counted; null for all but a few. */
  public final @Nullable String awaited;

  /** Where the record stands; not the record, which the result outlives. */
  private final @Nullable TopicPartition partition;

  private final long offset;

  /**
   * Those of the transaction in which it was sent last. The worker sets it before it sends, which
   * publishes it; a transaction that is given up has no sends under way before the next begins.
   */
  private @Nullable TransactionRefusals refusals;

  public RecordResult(
      Kind kind,
      List<ProducerRecord<byte[], byte[]>> outputs,
      TopicPartition partition,
      long offset) {
    this(kind, outputs, partition, offset, null, null, null);
  }

  private RecordResult(
      Kind kind,
      List<ProducerRecord<byte[], byte[]>> outputs,
      @Nullable TopicPartition partition,
      long offset,
      Receipt.@Nullable Decision decision,
      @Nullable Stopped stopped,
      @Nullable String awaited) {
    this.kind = kind;
    this.outputs = outputs;
    this.bytes = Sizes.of(outputs);
    this.partition = partition;
    this.offset = offset;
    this.decision = decision;
    this.stopped = stopped;
    this.awaited = awaited;
  }

  /** Without outputs; it says nothing of the record, so all records share one of a kind. */
  static RecordResult of(Kind kind) {
    return new RecordResult(kind, List.of(), null, 0, null, null, null);
  }

  public static RecordResult stopped(Stopped why) {
    return new RecordResult(Kind.PARKED, List.of(), null, 0, null, why, null);
  }

  /**
   * @param what is away
   */
  public static RecordResult waiting(String what) {
    return new RecordResult(Kind.PARKED, List.of(), null, 0, null, null, what);
  }

  /** The same by an operator's decision. */
  public RecordResult decided(Receipt.Decision by) {
    return new RecordResult(kind, outputs, partition, offset, by, null, null);
  }

  public boolean isParked() {
    return kind == Kind.PARKED;
  }

  public void postJoin(TransactionRefusals transaction) {
    refusals = transaction;
  }

  /** On the producer's thread. The transaction fails by itself; whose fault it was is kept. */
  @Override
  public void onCompletion(RecordMetadata metadata, Exception exception) {
    if (TransactionRefusals.isRefusal(exception)) {
      requireNonNull(refusals).add(this, exception);
    }
  }

  /**
   * The broker takes no such output: the record is a dead letter when it comes again, and a letter
   * that was too large a shorter one.
   *
   * @return whether anything will be different then
   */
  boolean refuse(RefusedRecords refusedRecords, Exception why) {
    boolean isTooLarge = why instanceof RecordTooLargeException;
    if (kind == Kind.DEAD_LETTER) {
      return isTooLarge && refusedRecords.refusedLetter(Sizes.sent(outputs.get(0)));
    }
    String what = isTooLarge ? "too large for" : "refused by";
    return refusedRecords.refuse(
        requireNonNull(partition), offset, "output " + what + " its topic: " + why.getMessage());
  }
}
