package io.exactlyonce.engine;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;

/**
 * What every output carries: where it comes from, and an event id of its own, so that the next
 * pipeline can guard on it. The id is the source's with the output's number behind it ({@code
 * pay-7/0}): two outputs of one event are two events, and a rerun makes the same ids again.
 */
final class OutputHeaders {
  static final String EVENT_ID = "event-id";
  static final String SOURCE = "source-position";

  /** An upper bound of what these headers and the record's frame take. */
  static final int MOST_OVERHEAD = EventIds.MOST_BYTES + 512;

  private final String eventId;
  private final Header source;

  OutputHeaders(String eventId, ConsumerRecord<byte[], byte[]> record) {
    this.eventId = eventId;
    String position = record.topic() + "-" + record.partition() + "@" + record.offset();
    this.source = new RecordHeader(SOURCE, position.getBytes(StandardCharsets.UTF_8));
  }

  Iterable<Header> of(int index, List<Map.Entry<String, byte[]>> further) {
    Header id =
        new RecordHeader(EVENT_ID, (eventId + "/" + index).getBytes(StandardCharsets.UTF_8));
    if (further.isEmpty()) {
      return List.of(id, source);
    }
    List<Header> all = new java.util.ArrayList<>(further.size() + 2);
    further.forEach(entry -> all.add(new RecordHeader(entry.getKey(), entry.getValue())));
    all.add(id);
    all.add(source);
    return all;
  }
}
