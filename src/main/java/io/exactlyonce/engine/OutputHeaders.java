package io.exactlyonce.engine;

import io.exactlyonce.config.OutputHeaderNames;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
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

  private static final int DECIMAL = 10;

  private final OutputHeaderNames names;
  private final byte[] eventId;
  private final Header source;

  /**
   * @param eventId the source's
   * @param partition {@code <topic>-<partition>} of the source
   */
  OutputHeaders(OutputHeaderNames names, byte[] eventId, byte[] partition, long offset) {
    this.names = names;
    this.eventId = eventId;
    this.source = new RecordHeader(names.sourcePosition(), numbered(partition, '@', offset));
  }

  /**
   * @param further the handler's own; they come first, so that ours are the last of a name
   */
  Iterable<Header> of(int index, List<Map.Entry<String, byte[]>> further) {
    List<Header> all = new ArrayList<>(further.size() + 2);
    further.forEach(entry -> all.add(new RecordHeader(entry.getKey(), entry.getValue())));
    if (names.hasEventId()) {
      all.add(new RecordHeader(names.eventId(), numbered(eventId, '/', index)));
    }
    if (names.hasSourcePosition()) {
      all.add(source);
    }
    return all;
  }

  /** Without the texts in between: it is done for each output. */
  private static byte[] numbered(byte[] before, char separator, long number) {
    int digits = 1;
    for (long left = number / DECIMAL; left > 0; left /= DECIMAL) {
      digits++;
    }
    byte[] all = Arrays.copyOf(before, before.length + 1 + digits);
    all[before.length] = (byte) separator;
    long left = number;
    for (int i = all.length - 1; i > before.length; i--) {
      all[i] = (byte) ('0' + left % DECIMAL);
      left /= DECIMAL;
    }
    return all;
  }
}
