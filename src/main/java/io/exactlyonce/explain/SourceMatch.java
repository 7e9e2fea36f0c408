package io.exactlyonce.explain;

import io.exactlyonce.deadletter.RecordPosition;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * Tests whether an output comes from a record, by the bytes of its source position: {@code
 * payments-3@17;kG1xAbCd;payments}, or in outputs of older versions the part before the first
 * semicolon.
 */
final class SourceMatch {
  private static final int ID_LENGTH = 8;

  private final String header;
  private final byte[] position;
  private final byte[] old;

  SourceMatch(String header, RecordPosition position, Uuid topicId, String group) {
    this.header = header;
    this.old = position.toString().getBytes(StandardCharsets.UTF_8);
    this.position =
        (position + ";" + topicId.toString().substring(0, ID_LENGTH) + ";" + group)
            .getBytes(StandardCharsets.UTF_8);
  }

  boolean test(ConsumerRecord<byte[], byte[]> output) {
    Header found = output.headers().lastHeader(header);
    return found != null
        && (Arrays.equals(found.value(), position) || Arrays.equals(found.value(), old));
  }

  /**
   * The source position that an output names; null where it names none, or another group.
   *
   * @param group the group whose outputs are read
   */
  static @Nullable RecordPosition source(
      ConsumerRecord<byte[], byte[]> output, String header, String group) {
    Header found = output.headers().lastHeader(header);
    if (found == null || found.value() == null) {
      return null;
    }
    String[] parts = new String(found.value(), StandardCharsets.UTF_8).split(";", 3);
    return parts.length < 3 || parts[2].equals(group) ? RecordPosition.parse(parts[0]) : null;
  }
}
