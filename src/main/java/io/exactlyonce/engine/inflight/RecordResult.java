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
 * Result of one record: written by the thread that handled it, then read by the worker. It is also
 * the callback of the record's sends, so that a failed send names its source.
 */
public final class RecordResult implements Callback {
  /** How a record ended, which is also the receipt's count that it goes into. */
  public enum Kind {
    PROCESSED,
    SKIPPED,
    DUPLICATE,
    DEAD_LETTER,
    /** Given up, by {@code on-exhausted: skip} or by an operator. */
    PASSED,
    /** Sent on to a retry topic. */
    DELAYED,
    /** Not finished: its lane waits. Another result overwrites this one. */
    PARKED
  }

  /**
   * Why a record has stopped its partition.
   *
   * @param cause what the handler threw last
   */
  public record Stopped(StoppedPartition stop, Throwable cause) {}

  public static final RecordResult DUPLICATE = of(Kind.DUPLICATE);
  public static final RecordResult SKIPPED = of(Kind.SKIPPED);
  public static final RecordResult PASSED = of(Kind.PASSED);

  /** The record waits for its next attempt. */
  public static final RecordResult PARKED = of(Kind.PARKED);

  public final Kind kind;
  public final List<ProducerRecord<byte[], byte[]>> outputs;

  /** Heap that the outputs take until they are committed. */
  public final long bytes;

  /** The operator's decision that led to the result; null without one. */
  public final Receipt.@Nullable Decision decision;

  /** Why the record waits for an operator's decision; null where it does not. */
  public final @Nullable Stopped stopped;

  /**
   * Message about the service that the record waits for, without counting an attempt; else null.
   */
  public final @Nullable String awaited;

  /** Partition of the record; the record itself is not kept, since the result outlives it. */
  private final @Nullable TopicPartition partition;

  private final long offset;

  /**
   * Refusals of the transaction in which the result was sent last. The worker's thread sets it
   * before it sends, which publishes it to the producer's thread. An aborted transaction has no
   * sends under way when the next one begins, so each callback sees its own transaction's.
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

  /** A result without outputs. It refers to no record, so all records of a kind share it. */
  static RecordResult of(Kind kind) {
    return new RecordResult(kind, List.of(), null, 0, null, null, null);
  }

  public static RecordResult stopped(Stopped why) {
    return new RecordResult(Kind.PARKED, List.of(), null, 0, null, why, null);
  }

  /**
   * The record waits for a service that is away.
   *
   * @param what says which, for the status
   */
  public static RecordResult waiting(String what) {
    return new RecordResult(Kind.PARKED, List.of(), null, 0, null, null, what);
  }

  /** The same result, with the operator's decision that led to it. */
  public RecordResult decided(Receipt.Decision by) {
    return new RecordResult(kind, outputs, partition, offset, by, null, null);
  }

  public boolean isParked() {
    return kind == Kind.PARKED;
  }

  /** To be called before the outputs are sent in this transaction. */
  public void postJoin(TransactionRefusals transaction) {
    refusals = transaction;
  }

  /**
   * Notes a refusal, so that the record at fault is known; the transaction fails in any case.
   * Called on the producer's thread.
   */
  @Override
  public void onCompletion(RecordMetadata metadata, Exception exception) {
    if (TransactionRefusals.isRefusal(exception)) {
      requireNonNull(refusals).add(this, exception);
    }
  }

  /**
   * Notes that the broker refused an output: when the record is read again it becomes a dead
   * letter. Where a dead letter itself was too large, the next one is cut shorter.
   *
   * @return whether the next attempt will differ from this one
   */
  boolean refuse(RefusedRecords refusedRecords, Exception why) {
    boolean isTooLarge = why instanceof RecordTooLargeException;
    if (kind == Kind.DEAD_LETTER) {
      return isTooLarge && refusedRecords.refusedLetter(Sizes.sent(outputs.get(0)));
    }
    String what = isTooLarge ? "too large for its topic" : "refused";
    return refusedRecords.refuse(
        requireNonNull(partition), offset, "output " + what + ": " + why.getMessage());
  }
}
