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
 * A record that fails, with what is known of it.
 *
 * @param record with the headers that it is sent on with
 * @param eventId null where it has none that can be used
 * @param origin where it stood in the source; null where it stands there
 * @param topicId of the topic that it stands in
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

  /** Calls of the handler before this reading. */
  int earlierAttempts() {
    return origin == null ? 0 : origin.attempts();
  }

  /** Where it stands now. */
  String position() {
    return record.topic() + "-" + record.partition() + "@" + record.offset();
  }
}
