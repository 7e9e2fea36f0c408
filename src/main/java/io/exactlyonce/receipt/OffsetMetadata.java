package io.exactlyonce.receipt;

import java.util.Optional;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.Uuid;

/**
 * Metadata that workers commit with an offset: it ends with the id of the topic that the offset
 * belongs to.
 */
public final class OffsetMetadata {
  private OffsetMetadata() {}

  /** The topic id at the end of the metadata; empty where another tool has committed the offset. */
  public static Optional<Uuid> topicId(OffsetAndMetadata offset) {
    String metadata = offset.metadata();
    String last = metadata.substring(metadata.lastIndexOf(' ') + 1);
    if (last.length() != Uuid.ZERO_UUID.toString().length()) {
      return Optional.empty();
    }
    try {
      return Optional.of(Uuid.fromString(last));
    } catch (IllegalArgumentException e) { // another tool's text
      return Optional.empty();
    }
  }
}
