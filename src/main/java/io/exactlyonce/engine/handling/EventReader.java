package io.exactlyonce.engine.handling;

import io.exactlyonce.config.value.TombstoneChoice;
import io.exactlyonce.engine.inflight.PolledRecords;
import io.exactlyonce.engine.spi.Backend;
import io.exactlyonce.engine.spi.InputCodec;
import io.exactlyonce.eventid.HeaderView;
import io.exactlyonce.guard.RetryOrigin;
import io.exactlyonce.handler.Event;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.Uuid;

/**
 * Makes the event that a handler gets from the bytes of a record.
 *
 * @param effects gives each event its effects
 * @param tombstones what becomes of a record that has no value
 */
public record EventReader<I>(InputCodec<I> input, EffectCalls effects, TombstoneChoice tombstones) {

  /** Whether the record is a tombstone that is skipped unread; it needs no event id then. */
  boolean skips(ConsumerRecord<byte[], byte[]> record) {
    return record.value() == null && tombstones == TombstoneChoice.SKIP;
  }

  /**
   * @throws RecordFault where the record cannot be decoded
   * @throws Backend.UnreachableException where a service that decoding needs is away
   */
  Event<I> read(PolledRecords polled, int index) throws RecordFault {
    ConsumerRecord<byte[], byte[]> record = polled.record(index);
    Event.Source source = new Event.Source(record.topic(), record.partition(), record.offset());
    String id = id(polled, index, source);
    I value;
    try {
      value = input.decode(record);
    } catch (Backend.UnreachableException e) {
      throw e;
    } catch (Throwable e) { // the deserializer's, such as a stack overflow by nesting
      throw new RecordFault("the record cannot be decoded", e);
    } finally {
      Thread.interrupted(); // clears an interrupt flag that a deserializer left set
    }
    return new Event<>(
        id,
        record.key() == null ? null : new String(record.key(), StandardCharsets.UTF_8),
        value,
        source,
        Instant.ofEpochMilli(record.timestamp()),
        HeaderView.of(record.headers()),
        effects.of(id, source, polled::isDropped));
  }

  /**
   * The event's id. A record without an event id gets its position in the source, also while it is
   * in a retry topic, and the start of the topic's id: {@code payments-3@17;kG1xAbCd}. A recreated
   * topic has the same positions, but its records are other events.
   */
  private static String id(PolledRecords polled, int index, Event.Source source) {
    byte[] found = polled.eventIds[index];
    if (found != null) {
      return new String(found, StandardCharsets.UTF_8);
    }
    RetryOrigin origin = polled.origin(index);
    return origin == null
        ? place(source.toString(), polled.topicId)
        : place(origin.toString(), origin.topicId());
  }

  private static String place(String position, Uuid topicId) {
    return position + ";" + topicId.toString().substring(0, OutputHeaders.TOPIC_ID);
  }
}
