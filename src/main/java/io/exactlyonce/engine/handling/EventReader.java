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
 * From the bytes of a record to the event that its handler gets.
 *
 * @param effects of the event, made by its handler
 * @param tombstones what becomes of a record that has no value
 */
public record EventReader<I>(InputCodec<I> input, EffectCalls effects, TombstoneChoice tombstones) {

  /** Whether it is passed over unread: then it needs no event id either. */
  boolean skips(ConsumerRecord<byte[], byte[]> record) {
    return record.value() == null && tombstones == TombstoneChoice.SKIP;
  }

  /**
   * @throws RecordFault where the record cannot be decoded
   * @throws Backend.UnreachableException where it cannot be told yet whether it can
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
    } catch (Throwable e) { // the deserializer's, such as the overflow by what is nested too deep
      throw new RecordFault("the record cannot be decoded", e);
    } finally {
      Thread.interrupted(); // not the handler's, should a deserializer leave the flag up
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
   * Without an event id of its own it is the place in the source, wherever the record waits, with
   * the topic's id: {@code payments-3@17;kG1xAbCd}. A topic that is made anew has the same places,
   * and its records are other events.
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
