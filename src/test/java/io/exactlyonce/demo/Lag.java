package io.exactlyonce.demo;

import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;

/** Distance of a group's committed offsets from the last stable ones. */
final class Lag {
  private final Admin admin;
  private final String group;
  private final String topic;
  private final int partitions;
  private long end;

  Lag(Admin admin, String group, String topic, int partitions) {
    this.admin = admin;
    this.group = group;
    this.topic = topic;
    this.partitions = partitions;
  }

  /** Number of offsets in the topic when the lag was last read, transaction markers included. */
  long end() {
    return end;
  }

  long records() throws InterruptedException {
    try {
      Map<TopicPartition, OffsetAndMetadata> committed =
          admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get();
      Map<TopicPartition, OffsetSpec> ends =
          java.util.stream.IntStream.range(0, partitions)
              .mapToObj(p -> new TopicPartition(topic, p))
              .collect(Collectors.toMap(p -> p, p -> OffsetSpec.latest()));
      var stable = new ListOffsetsOptions(IsolationLevel.READ_COMMITTED);
      long lag = 0;
      end = 0;
      for (var stableEnd : admin.listOffsets(ends, stable).all().get().entrySet()) {
        end += stableEnd.getValue().offset();
        OffsetAndMetadata at = committed.get(stableEnd.getKey());
        lag += stableEnd.getValue().offset() - (at == null ? 0 : at.offset());
      }
      return lag;
    } catch (ExecutionException e) {
      throw new IllegalStateException("the lag cannot be read", e.getCause());
    }
  }
}
