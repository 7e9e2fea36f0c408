package io.exactlyonce.engine.failure;

import java.util.Collection;
import org.apache.kafka.common.TopicPartition;

/** The group gave this member's partitions to others before it had released them. */
public final class PartitionsLostException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  PartitionsLostException(Collection<TopicPartition> partitions) {
    super("partitions were lost: " + partitions);
  }
}
