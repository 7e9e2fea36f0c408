package io.exactlyonce.engine.handling;

import io.exactlyonce.engine.inflight.PolledRecords;
import io.exactlyonce.engine.inflight.RecordSpans;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;

/**
 * The headers by which a trace goes on from a record to what is written because of it (W3C Trace
 * Context): those of the record's own span, or, where it has none, those that the record came with.
 * So a trace that others began is not cut by a pipeline that is not traced.
 */
final class TraceHeaders {
  /** The header that names trace and parent; without it the other one means nothing. */
  static final String PARENT = "traceparent";

  static final String STATE = "tracestate";

  /** What a header may have at the most to be passed on: the length that the standard asks for. */
  static final int MAX_BYTES = 512;

  private static final Header[] NONE = {};

  private TraceHeaders() {}

  /** For the outputs of a record; the first one is what the output must not have of its own. */
  static Header[] of(PolledRecords polled, int index) {
    RecordSpans spans = polled.spans;
    if (spans.isOn()) {
      Headers made = new RecordHeaders();
      spans.get(index).continueIn(made);
      Header[] all = made.toArray();
      if (all.length > 0) {
        return all;
      }
    }
    return passedOn(polled.record(index).headers());
  }

  private static Header[] passedOn(Headers came) {
    Header parent = came.lastHeader(PARENT);
    if (!isShort(parent)) {
      return NONE;
    }
    Header state = came.lastHeader(STATE);
    return isShort(state) ? new Header[] {parent, state} : new Header[] {parent};
  }

  private static boolean isShort(Header header) {
    return header != null && header.value() != null && header.value().length <= MAX_BYTES;
  }

  /**
   * The record as it is sent on, to a retry topic or as a dead letter: it has all its headers, so
   * only a span of its own changes them.
   */
  static ConsumerRecord<byte[], byte[]> sentOn(PolledRecords polled, int index) {
    ConsumerRecord<byte[], byte[]> record = polled.record(index);
    if (polled.spans.find(index) == null) {
      return record;
    }
    Headers headers = new RecordHeaders(record.headers().toArray());
    polled.spans.get(index).continueIn(headers);
    return new ConsumerRecord<>(
        record.topic(),
        record.partition(),
        record.offset(),
        record.timestamp(),
        record.timestampType(),
        record.serializedKeySize(),
        record.serializedValueSize(),
        record.key(),
        record.value(),
        headers,
        record.leaderEpoch());
  }
}
