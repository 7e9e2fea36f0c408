package io.exactlyonce.engine.handling;

import io.exactlyonce.config.value.OutputHeaderNames;
import io.exactlyonce.engine.inflight.PolledRecords;
import io.exactlyonce.engine.inflight.RecordResult;
import io.exactlyonce.engine.spi.InputCodec;
import io.exactlyonce.engine.spi.OutputCodec;
import io.exactlyonce.engine.spi.Sizes;
import io.exactlyonce.engine.status.PipelineCounters;
import io.exactlyonce.eventid.EventIds;
import io.exactlyonce.eventid.HeaderView;
import io.exactlyonce.guard.RetryOrigin;
import io.exactlyonce.handler.Event;
import io.exactlyonce.handler.Handler;
import io.exactlyonce.handler.Outcome;
import io.exactlyonce.handler.Output;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/**
 * One record from bytes through the handler to bytes. Whatever goes wrong with the record ends in a
 * dead letter; only the handler's own exceptions are worth another attempt.
 *
 * <p>An Error counts as an exception does. A record that makes a stack overflow or asks for an
 * array beyond all bounds would do so again at each start of the worker, and its partition would
 * never get past it; a JVM that is to end for want of memory ends by itself
 * (ExitOnOutOfMemoryError). No producer and no consumer is called in here, so none of what is
 * caught is a fence; and what a handler makes of the interrupt by which the pool breaks it off is
 * not sent ({@code Transactions}).
 *
 * @param batching null where the handler takes single events
 * @param sinks topics that outputs may go to
 * @param names of the headers that outputs get
 * @param mostBytes an output that is larger could not be sent
 */
public record RecordProcessor<I>(
    Handler<I> handler,
    @Nullable Batching<I> batching,
    EffectCalls effects,
    InputCodec<I> input,
    OutputCodec output,
    Set<String> sinks,
    OutputHeaderNames names,
    int mostBytes,
    FailurePolicy failures,
    PipelineCounters counters,
    TracedHandling traced) {

  /**
   * @param event null where the record cannot be decoded
   */
  private record Decoded<I>(@Nullable Event<I> event, @Nullable Throwable trouble) {}

  /**
   * @param attempt from 1
   * @return null where the record is to be handled again after {@link RetryPolicy#delay}; held
   *     where somebody has to decide
   */
  @Nullable RecordResult process(PolledRecords polled, int index, int attempt) {
    return polled.spans.isOn()
        ? traced.handle(polled, index, () -> processed(polled, index, attempt))
        : processed(polled, index, attempt);
  }

  private @Nullable RecordResult processed(PolledRecords polled, int index, int attempt) {
    try {
      return judge(polled, index, attempt);
    } catch (Throwable e) {
      // A header that has no name, or a bug of ours. Without a result its lane would block for
      // ever.
      return unforeseen(polled, index, e, attempt);
    }
  }

  /** Null, which is another attempt, where memory does not suffice for the letter either. */
  private @Nullable RecordResult unforeseen(
      PolledRecords polled, int index, Throwable thrown, int attempt) {
    try {
      return dead(polled, index, "the record could not be processed", thrown, attempt);
    } catch (Throwable e) { // the record stays, and is tried again
      return null;
    }
  }

  private @Nullable RecordResult judge(PolledRecords polled, int index, int attempt) {
    return switch (polled.verdicts[index]) {
      case DUPLICATE -> RecordResult.DUPLICATE;
      case NO_EVENT_ID -> dead(polled, index, "the record has no event id", null, 0);
      case BAD_EVENT_ID ->
          dead(polled, index, EventIds.whyUnusable(polled.eventIds[index]), null, 0);
      case ADMITTED -> handle(polled, index, attempt);
    };
  }

  private @Nullable RecordResult handle(PolledRecords polled, int index, int attempt) {
    ConsumerRecord<byte[], byte[]> record = polled.record(index);
    if (failures.foresees()) {
      RecordResult foreseen = failures.foreseen(FailedRecord.of(polled, index));
      if (foreseen != null) {
        return foreseen;
      }
    }
    if (record.value() == null) {
      return dead(polled, index, "the record has no value", null, 0);
    }
    String id = id(polled, index, record);
    // Another attempt is the record's alone.
    Batching.Prepared<I> batch =
        batching != null && attempt == 1 && polled.isBatched()
            ? batching.prepared(polled, index, i -> batched(polled, i))
            : null;
    Event<I> event = batch == null ? null : batch.event(index);
    if (event == null) {
      Decoded<I> decoded = decode(polled, record, id);
      if (decoded.event == null) {
        return dead(polled, index, "the record cannot be decoded", decoded.trouble, 0);
      }
      event = decoded.event;
    }
    Outcome outcome;
    try {
      Handler<I> prepared = batch == null ? null : batch.handler();
      outcome = (prepared == null ? handler : prepared).handle(event);
    } catch (Throwable e) { // the handler's failure, an Error too: tried again as retry.on says
      counters.handlerFailures.increment();
      polled.spans.get(index).threw(e, attempt);
      return failures.thrown(FailedRecord.of(polled, index), e, attempt);
    } finally {
      // A flag that the handler left up would end the first wait of its serializer, or of the next
      // record's handler. TimedHandler has lowered its own by now.
      Thread.interrupted();
    }
    return conclude(polled, index, id, outcome, attempt);
  }

  private RecordResult conclude(
      PolledRecords polled, int index, String id, Outcome outcome, int attempt) {
    if (outcome instanceof Outcome.Emit emit) {
      return emit(polled, index, id, emit, attempt);
    }
    if (outcome instanceof Outcome.DeadLetter letter) {
      return dead(polled, index, letter.reason(), null, attempt);
    }
    return outcome instanceof Outcome.Skip
        ? RecordResult.SKIPPED
        : dead(polled, index, "the handler returned null", null, attempt);
  }

  private RecordResult emit(
      PolledRecords polled, int index, String id, Outcome.Emit emit, int attempt) {
    ConsumerRecord<byte[], byte[]> record = polled.record(index);
    List<Output> outputs = emit.outputs();
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>(outputs.size());
    byte[] known = polled.eventIds[index];
    OutputHeaders headers =
        new OutputHeaders(
            names,
            known == null ? id.getBytes(StandardCharsets.UTF_8) : known,
            polled.partitionText,
            record.offset(),
            polled.lineage,
            TraceHeaders.of(polled, index));
    for (int i = 0; i < outputs.size(); i++) {
      Output out = outputs.get(i);
      if (!sinks.contains(out.topic())) {
        return dead(
            polled, index, "output to " + out.topic() + ", which is not a sink", null, attempt);
      }
      Headers sent = OutputHeaders.given(out.headers());
      byte @Nullable [] key;
      byte @Nullable [] value;
      try {
        key = output.bytes(out.topic(), sent, true, out.key());
        value = output.bytes(out.topic(), sent, false, out.value());
      } catch (Throwable e) { // the serializer's, such as the overflow of what holds itself
        return dead(polled, index, "output " + i + " cannot be serialized", e, attempt);
      } finally {
        Thread.interrupted(); // not the next record's, should a serializer leave the flag up
      }
      headers.addTo(sent, i);
      ProducerRecord<byte[], byte[]> made =
          new ProducerRecord<>(out.topic(), null, null, key, value, sent);
      int size = Sizes.sent(made);
      if (size > mostBytes) {
        return dead(
            polled,
            index,
            "output " + i + " is " + size + " bytes, more than the " + mostBytes + " allowed",
            null,
            attempt);
      }
      records.add(made);
    }
    return new RecordResult(
        RecordResult.Kind.PROCESSED, records, polled.partition, record.offset());
  }

  private RecordResult dead(
      PolledRecords polled, int index, String reason, @Nullable Throwable cause, int attempts) {
    polled.spans.get(index).refused(reason);
    return failures.dead(FailedRecord.of(polled, index), reason, cause, attempts);
  }

  /** Null where the record is not to be handled; why is found out when its turn comes. */
  private @Nullable Event<I> batched(PolledRecords polled, int index) {
    ConsumerRecord<byte[], byte[]> record = polled.unsent(index);
    return polled.verdicts[index] == PolledRecords.Verdict.ADMITTED
            && record != null
            && record.value() != null
        ? decode(polled, record, id(polled, index, record)).event
        : null;
  }

  private Decoded<I> decode(
      PolledRecords polled, ConsumerRecord<byte[], byte[]> record, String id) {
    Event.Source source = new Event.Source(record.topic(), record.partition(), record.offset());
    I value;
    try {
      value = input.decode(record);
    } catch (Throwable e) { // the deserializer's, such as the overflow by what is nested too deep
      return new Decoded<>(null, e);
    } finally {
      Thread.interrupted(); // not the handler's, should a deserializer leave the flag up
    }
    return new Decoded<>(
        new Event<>(
            id,
            record.key() == null ? null : new String(record.key(), StandardCharsets.UTF_8),
            value,
            source,
            Instant.ofEpochMilli(record.timestamp()),
            HeaderView.of(record.headers()),
            effects.of(id, source, polled::isDropped)),
        null);
  }

  /**
   * Without an event id of its own it is the place in the source, wherever the record waits, with
   * the topic's id: {@code payments-3@17;kG1xAbCd}. A topic that is made anew has the same places,
   * and its records are other events.
   */
  private static String id(PolledRecords polled, int index, ConsumerRecord<byte[], byte[]> record) {
    byte[] found = polled.eventIds[index];
    if (found != null) {
      return new String(found, StandardCharsets.UTF_8);
    }
    RetryOrigin origin = polled.origin(index);
    return origin == null
        ? place(record.topic() + "-" + record.partition() + "@" + record.offset(), polled.topicId)
        : place(origin.toString(), origin.topicId());
  }

  private static String place(String position, Uuid topicId) {
    return position + ";" + topicId.toString().substring(0, OutputHeaders.TOPIC_ID);
  }
}
