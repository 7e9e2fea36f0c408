package io.exactlyonce.explain;

import io.exactlyonce.deadletter.RecordPosition;
import io.exactlyonce.receipt.Receipt;
import java.time.Instant;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * One thing that happened to an event, as a record of the log shows it.
 *
 * @param time of that record
 * @param at position of that record
 * @param told what the record shows, without the event's values
 * @param record that record, with the event's values; null for a receipt
 * @param receipt the receipt; null for other records
 */
public record Step(
    Instant time,
    What what,
    RecordPosition at,
    String told,
    @Nullable ConsumerRecord<byte[], byte[]> record,
    @Nullable Receipt receipt) {

  /** Kinds of steps. */
  public enum What {
    /** It was written to a source. */
    RECORD,
    /** An output was written for it. */
    OUTPUT,
    /** It was put in a retry topic. */
    RETRY,
    /** It was written to the dead letters. */
    LETTER,
    /** The transaction with all of these was committed, with this receipt. */
    RECEIPT,
    /** Its dead letter was written back to the source. */
    REPLAY,
    /** The group was set back to before it. */
    REWIND
  }

  static Step of(What what, ConsumerRecord<byte[], byte[]> record, String told) {
    return new Step(
        Instant.ofEpochMilli(record.timestamp()),
        what,
        RecordPosition.of(record),
        told,
        record,
        null);
  }
}
