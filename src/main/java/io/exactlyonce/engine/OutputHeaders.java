package io.exactlyonce.engine;

import io.exactlyonce.config.OutputHeaderNames;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
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
  /** An upper bound of what these headers and the record's frame take. */
  static final int MOST_OVERHEAD = EventIds.MOST_BYTES + 512;

  private final OutputHeaderNames names;
  private final String eventId;
  private final Header source;

  OutputHeaders(OutputHeaderNames names, String eventId, ConsumerRecord<byte[], byte[]> record) {
    this.names = names;
    this.eventId = eventId;
    String position = record.topic() + "-" + record.partition() + "@" + record.offset();
    this.source =
        new RecordHeader(names.sourcePosition(), position.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * @param further the handler's own; they come first, so that ours are the last of a name
   */
  Iterable<Header> of(int index, List<Map.Entry<String, byte[]>> further) {
    List<Header> all = new ArrayList<>(further.size() + 2);
    further.forEach(entry -> all.add(new RecordHeader(entry.getKey(), entry.getValue())));
    if (names.hasEventId()) {
      byte[] id = (eventId + "/" + index).getBytes(StandardCharsets.UTF_8);
      all.add(new RecordHeader(names.eventId(), id));
    }
    if (names.hasSourcePosition()) {
      all.add(source);
    }
    return all;
  }
}
