package io.exactlyonce.engine.handling;

import io.exactlyonce.engine.inflight.PolledRecords;
import io.exactlyonce.engine.inflight.RecordSpans;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;

/**
 * The headers that pass a trace on from a record to what is written because of it (W3C Trace
 * Context): those of the record's own span, or, without a span, those that the record came with. So
 * a pipeline without tracing does not cut the traces of others.
 */
final class TraceHeaders {
  /** Header with the ids of trace and parent, without which {@link #STATE} means nothing. */
  static final String PARENT = "traceparent";

  static final String STATE = "tracestate";

  /** Longest header value that is passed on: the length that W3C Trace Context asks for. */
  static final int MAX_BYTES = 512;

  private static final Header[] NONE = {};

  private TraceHeaders() {}

  /**
   * The headers for a record's outputs. An output that has a header named like the first of them
   * gets none.
   */
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
   * The record as it is sent to a retry topic or as a dead letter. It keeps its headers; only a
   * span of its own changes them.
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
