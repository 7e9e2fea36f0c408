package io.exactlyonce.engine;

import io.exactlyonce.deadletter.DeadLetters;
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

/**
 * One record from bytes through the handler to bytes. Whatever goes wrong with the record ends in a
 * dead letter; only the handler's own exceptions are worth another attempt.
 *
 * @param sinks topics that outputs may go to
 * @param mostBytes an output that is larger could not be sent
 */
record RecordProcessor<I>(
    Handler<I> handler,
    InputCodec<I> input,
    OutputCodec output,
    Set<String> sinks,
    int mostBytes,
    DeadLetters deadLetters,
    RetryPolicy retry,
    Condemned condemned,
    PipelineCounters counters) {

  /**
   * @param attempt from 1
   * @return null where the record is to be handled again after {@link RetryPolicy#delay}
   */
  Handled process(Chunk chunk, int index, int attempt) {
    ConsumerRecord<byte[], byte[]> record = chunk.records.get(index);
    try {
      return judge(chunk, index, record, attempt);
    } catch (Throwable e) { // whatever it is: a record that comes to no end stops its lane for ever
      return dead(record, "the record could not be processed", e, attempt);
    }
  }

  private Handled judge(
      Chunk chunk, int index, ConsumerRecord<byte[], byte[]> record, int attempt) {
    switch (chunk.verdicts[index]) {
      case DUPLICATE:
        return Handled.DUPLICATE;
      case NO_EVENT_ID:
        return dead(record, "the record has no event id", null, 0);
      case BAD_EVENT_ID:
        return dead(record, "the event id is not UTF-8 text of at most 1024 bytes", null, 0);
      default:
    }
    String sentence = condemned.reason(record);
    if (sentence != null) {
      return dead(record, sentence, null, attempt);
    }
    if (record.value() == null) {
      return dead(record, "the record has no value", null, 0);
    }
    String id = id(chunk.eventIds[index], record);
    Event<I> event;
    try {
      event = event(id, record);
    } catch (Throwable e) { // a decoder's Error is this record's trouble too
      return dead(record, "the record cannot be decoded", e, 0);
    }
    Outcome outcome;
    try {
      outcome = handler.handle(event);
    } catch (Throwable e) { // an Error is the handler's failure like any other, and tried again
      counters.handlerFailures.increment();
      return retry.isExhausted(attempt)
          ? dead(record, "the handler threw at each of " + attempt + " attempts", e, attempt)
          : null;
    }
    return conclude(record, id, outcome, attempt);
  }

  private Handled conclude(
      ConsumerRecord<byte[], byte[]> record, String id, Outcome outcome, int attempt) {
    if (outcome instanceof Outcome.Emit emit) {
      return emit(record, id, emit, attempt);
    }
    if (outcome instanceof Outcome.DeadLetter letter) {
      return dead(record, letter.reason(), null, attempt);
    }
    return outcome instanceof Outcome.Skip
        ? Handled.SKIPPED
        : dead(record, "the handler returned null", null, attempt);
  }

  private Handled emit(
      ConsumerRecord<byte[], byte[]> record, String id, Outcome.Emit emit, int attempt) {
    List<Output> outputs = emit.outputs();
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>(outputs.size());
    OutputHeaders headers = new OutputHeaders(id, record);
    for (int i = 0; i < outputs.size(); i++) {
      Output out = outputs.get(i);
      if (!sinks.contains(out.topic())) {
        return dead(record, "output to " + out.topic() + ", which is not a sink", null, attempt);
      }
      byte[] key;
      byte[] value;
      try {
        key = output.bytes(out.topic(), out.key());
        value = output.bytes(out.topic(), out.value());
      } catch (Throwable e) { // such as the overflow of an object that holds itself
        return dead(record, "output " + i + " cannot be serialized", e, attempt);
      }
      int size = Sizes.of(key) + Sizes.of(value) + OutputHeaders.MOST_OVERHEAD;
      if (size > mostBytes) {
        return dead(
            record,
            "output " + i + " is " + size + " bytes, more than the " + mostBytes + " allowed",
            null,
            attempt);
      }
      records.add(
          new ProducerRecord<>(out.topic(), null, null, key, value, headers.of(i, out.headers())));
    }
    return new Handled(Handled.Kind.PROCESSED, records, record, condemned);
  }

  private Handled dead(
      ConsumerRecord<byte[], byte[]> record, String reason, Throwable cause, int attempts) {
    return new Handled(
        Handled.Kind.DEAD_LETTER,
        List.of(deadLetters.letter(record, reason, cause, attempts)),
        null,
        condemned);
  }

  private Event<I> event(String id, ConsumerRecord<byte[], byte[]> record) throws Exception {
    return new Event<>(
        id,
        record.key() == null ? null : new String(record.key(), StandardCharsets.UTF_8),
        input.decode(record),
        new Event.Source(record.topic(), record.partition(), record.offset()),
        Instant.ofEpochMilli(record.timestamp()),
        HeaderView.of(record.headers()));
  }

  private static String id(byte[] found, ConsumerRecord<byte[], byte[]> record) {
    return found == null
        ? record.topic() + "-" + record.partition() + "@" + record.offset()
        : new String(found, StandardCharsets.UTF_8);
  }
}
