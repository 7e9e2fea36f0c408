package io.exactlyonce.engine.transaction;

import io.exactlyonce.engine.inflight.RecordResult;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.utils.Utils;
import org.jspecify.annotations.Nullable;

/**
 * Sends records and tells failures of user code from the client's own. {@code Producer.send} calls
 * the configured partitioner and lets its exceptions and errors through, without the callback. They
 * count as the record's fault: blamed on the producer they would have it made anew again and again.
 */
final class Sends {
  private Sends() {}

  /**
   * Sends a record. A dead letter for which the partitioner fails goes to the partition of Kafka's
   * own hash: it has the key and value that the partitioner has failed for.
   *
   * @param callback also called for what user code throws; null for none
   * @param sent the {@link RecordResult} that the record is of, or another callback
   * @throws InvalidRecordException where user code failed for the record
   * @throws KafkaException as the producer does
   */
  static void send(
      Producer<byte[], byte[]> producer,
      ProducerRecord<byte[], byte[]> record,
      @Nullable Callback callback,
      @Nullable Callback sent) {
    try {
      producer.send(record, callback);
    } catch (KafkaException | IllegalStateException e) { // the client's own
      throw e;
    } catch (RuntimeException | StackOverflowError | AssertionError | LinkageError e) {
      if (sent instanceof RecordResult of && of.kind == RecordResult.Kind.DEAD_LETTER) {
        producer.send(placed(producer, record), callback);
        return;
      }
      InvalidRecordException refusal =
          new InvalidRecordException(
              "the configured partitioner (partitioner.class) threw for it: " + e, e);
      if (callback != null) {
        callback.onCompletion(null, refusal);
      }
      throw refusal;
    }
  }

  /** The record with a partition; the client has the topic's metadata when a partitioner fails. */
  private static ProducerRecord<byte[], byte[]> placed(
      Producer<byte[], byte[]> producer, ProducerRecord<byte[], byte[]> record) {
    int partitions = producer.partitionsFor(record.topic()).size();
    int partition =
        record.key() == null ? 0 : Utils.toPositive(Utils.murmur2(record.key())) % partitions;
    return new ProducerRecord<>(
        record.topic(),
        partition,
        record.timestamp(),
        record.key(),
        record.value(),
        record.headers());
  }
}
