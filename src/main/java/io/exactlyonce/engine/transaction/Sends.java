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
 * Hands records to a producer. The client calls user code as it takes one: a partitioner, whose
 * exceptions and errors it lets through, without the callback. They are the fault of the record and
 * not of the producer, which would be made anew for the same record again and again.
 */
final class Sends {
  private Sends() {}

  /**
   * A dead letter that the partitioner cannot take either goes where Kafka's own would put it: it
   * holds what the partitioner has failed for.
   *
   * @param callback told of what user code throws too; null for none
   * @param sent what the record is of, or another callback
   * @throws InvalidRecordException where user code cannot take the record
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
          new InvalidRecordException("the producer's partitioner failed for it: " + e, e);
      if (callback != null) {
        callback.onCompletion(null, refusal);
      }
      throw refusal;
    }
  }

  /** The topic is known: the partitioner is asked behind that. */
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
