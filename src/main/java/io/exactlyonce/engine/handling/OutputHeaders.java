package io.exactlyonce.engine.handling;

import io.exactlyonce.config.value.OutputHeaderNames;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.header.internals.RecordHeaders;

/**
 * The headers of every output: where it comes from, and an event id of its own, so that the next
 * pipeline can guard on it. The id is the source's with the output's number behind it ({@code
 * pay-7/0}): two outputs of one event are two events, and a rerun makes the same ids again.
 *
 * <p>The source position is {@code <topic>-<partition>@<offset>;<topic id>;<group>}, such as {@code
 * payments-3@17;kG1xAbCd;payments}: the first 8 characters of the topic's id tell its records from
 * those of an earlier topic of its name, and the group tells the outputs of pipelines that share a
 * source and a sink.
 */
public final class OutputHeaders {
  private static final int DECIMAL = 10;

  /** Characters of a topic's id that tell the topic from others of its name. */
  static final int TOPIC_ID = 8;

  private static final byte[] NOTHING = {};

  private final OutputHeaderNames names;
  private final byte[] eventId;
  private final Header source;
  private final Header[] trace;

  /**
   * @param eventId of the source record
   * @param partition {@code <topic>-<partition>} of the source
   * @param lineage what follows the offset: {@link #lineage}
   * @param trace trace headers, for each output without a header named like the first of them
   */
  OutputHeaders(
      OutputHeaderNames names,
      byte[] eventId,
      byte[] partition,
      long offset,
      byte[] lineage,
      Header[] trace) {
    this.trace = trace;
    this.names = names;
    this.eventId = eventId;
    this.source =
        new RecordHeader(names.sourcePosition(), numbered(partition, '@', offset, lineage));
  }

  /** The end of every source position of a topic and a group: {@code ;kG1xAbCd;payments}. */
  public static byte[] lineage(Uuid topicId, String group) {
    return (";" + topicId.toString().substring(0, TOPIC_ID) + ";" + group)
        .getBytes(StandardCharsets.UTF_8);
  }

  /** The handler's own headers, which the serializers see and add to. */
  static Headers given(List<Map.Entry<String, byte[]>> own) {
    Headers all = new RecordHeaders();
    own.forEach(entry -> all.add(new RecordHeader(entry.getKey(), entry.getValue())));
    return all;
  }

  /** Adds the pipeline's headers behind all others, so that they are the last of a name. */
  void addTo(Headers all, int index) {
    if (trace.length > 0 && all.lastHeader(trace[0].key()) == null) {
      for (Header header : trace) {
        all.add(header);
      }
    }
    if (names.hasEventId()) {
      all.add(new RecordHeader(names.eventId(), numbered(eventId, '/', index, NOTHING)));
    }
    if (names.hasSourcePosition()) {
      all.add(source);
    }
  }

  /**
   * {@code before}, separator, number and {@code behind} as text. It makes no strings in between,
   * since it is called for each output.
   */
  private static byte[] numbered(byte[] before, char separator, long number, byte[] behind) {
    int digits = 1;
    for (long left = number / DECIMAL; left > 0; left /= DECIMAL) {
      digits++;
    }
    int end = before.length + 1 + digits;
    byte[] all = Arrays.copyOf(before, end + behind.length);
    System.arraycopy(behind, 0, all, end, behind.length);
    all[before.length] = (byte) separator;
    long left = number;
    for (int i = end - 1; i > before.length; i--) {
      all[i] = (byte) ('0' + left % DECIMAL);
      left /= DECIMAL;
    }
    return all;
  }
}
