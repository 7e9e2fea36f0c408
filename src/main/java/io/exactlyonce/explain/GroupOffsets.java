package io.exactlyonce.explain;

import io.exactlyonce.receipt.OffsetMetadata;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.GroupIdNotFoundException;

/**
 * A group's committed offsets. Those of an open transaction do not count, since it may be aborted.
 */
final class GroupOffsets {
  private final Log log;
  private final Map<TopicPartition, OffsetAndMetadata> committed;

  private GroupOffsets(Log log, Map<TopicPartition, OffsetAndMetadata> committed) {
    this.log = log;
    this.committed = committed;
  }

  static GroupOffsets read(Log log, String group) {
    try {
      var asked = Map.of(group, new ListConsumerGroupOffsetsSpec());
      return new GroupOffsets(
          log,
          log.offsets()
              .get(
                  log.offsets()
                      .admin()
                      .listConsumerGroupOffsets(asked)
                      .partitionsToOffsetAndMetadata(group)));
    } catch (GroupIdNotFoundException e) {
      return new GroupOffsets(log, Map.of());
    }
  }

  boolean isEmpty() {
    return committed.isEmpty();
  }

  /**
   * The partition's offset; -1 where there is none, or it is one of an earlier topic of that name.
   */
  long of(TopicPartition partition) {
    OffsetAndMetadata offset = committed.get(partition);
    if (offset == null) {
      return -1;
    }
    Optional<Uuid> topicId = OffsetMetadata.topicId(offset);
    boolean isEarlier =
        topicId.isPresent() && !topicId.get().equals(log.topicId(partition.topic()));
    return isEarlier ? -1 : offset.offset();
  }
}
