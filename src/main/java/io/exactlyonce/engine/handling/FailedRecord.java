package io.exactlyonce.engine.handling;

import io.exactlyonce.engine.inflight.PolledRecords;
import io.exactlyonce.eventid.EventIds;
import io.exactlyonce.guard.RetryOrigin;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/**
 * A failed record, with what its retry or its dead letter needs.
 *
 * @param record with the headers that it is sent on with
 * @param eventId null where the record has no usable one
 * @param origin where a record of a retry topic stood in the source; null for one of the source
 *     itself
 * @param topicId of the topic that the record was read from
 */
record FailedRecord(
    ConsumerRecord<byte[], byte[]> record,
    @Nullable String eventId,
    @Nullable RetryOrigin origin,
    Uuid topicId) {

  static FailedRecord of(PolledRecords polled, int index) {
    byte[] id = polled.eventIds[index];
    return new FailedRecord(
        TraceHeaders.sentOn(polled, index),
        id == null || !EventIds.isUsable(id) ? null : new String(id, StandardCharsets.UTF_8),
        polled.origin(index),
        polled.topicId);
  }

  TopicPartition partition() {
    return new TopicPartition(record.topic(), record.partition());
  }

  /** Calls of the handler before the record was read this time. */
  int earlierAttempts() {
    return origin == null ? 0 : origin.attempts();
  }

  /** Where the record was read, as {@code topic-partition@offset}. */
  String position() {
    return record.topic() + "-" + record.partition() + "@" + record.offset();
  }
}
