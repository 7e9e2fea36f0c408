package io.exactlyonce.receipt.audit;

import io.exactlyonce.receipt.LogOffsets;
import io.exactlyonce.receipt.OffsetMetadata;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;

/**
 * A group's committed offsets. One that was committed for an earlier topic of the name is none of
 * the present topic's.
 *
 * @param offsets those of the present topics
 * @param earlier those whose metadata names another topic id
 */
record CommittedOffsets(Map<TopicPartition, Long> offsets, Map<TopicPartition, Long> earlier) {

  static CommittedOffsets read(
      LogOffsets log,
      String group,
      Collection<TopicPartition> partitions,
      Map<String, Uuid> topicIds) {
    Map<TopicPartition, Long> offsets = new HashMap<>();
    Map<TopicPartition, Long> earlier = new HashMap<>();
    log.committedWhole(group, partitions)
        .forEach(
            (partition, committed) -> {
              Uuid now = topicIds.get(partition.topic());
              boolean isOther =
                  OffsetMetadata.topicId(committed).filter(id -> !id.equals(now)).isPresent();
              (isOther ? earlier : offsets).put(partition, committed.offset());
            });
    return new CommittedOffsets(offsets, earlier);
  }
}
