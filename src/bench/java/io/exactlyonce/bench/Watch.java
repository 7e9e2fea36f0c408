package io.exactlyonce.bench;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;

/** Where a group stands, seen from outside: what is committed, and whether all of it is visible. */
record Watch(Admin admin, String source, String sink, int partitions, String group) {

  /** Records of the source that are committed. */
  long committed() {
    return offsets(source).values().stream().mapToLong(Long::longValue).sum();
  }

  /** What the group has committed of a topic. */
  Map<TopicPartition, Long> offsets(String topic) {
    return ask(
        () -> {
          Map<TopicPartition, Long> offsets = new HashMap<>();
          admin
              .listConsumerGroupOffsets(group)
              .partitionsToOffsetAndMetadata()
              .get()
              .forEach(
                  (partition, offset) -> {
                    if (offset != null && partition.topic().equals(topic)) {
                      offsets.put(partition, offset.offset());
                    }
                  });
          return offsets;
        });
  }

  /** No transaction is open on the sink. */
  boolean isSettled() {
    return ends(sink, IsolationLevel.READ_COMMITTED)
        .equals(ends(sink, IsolationLevel.READ_UNCOMMITTED));
  }

  private Map<TopicPartition, Long> ends(String topic, IsolationLevel level) {
    return ask(
        () -> {
          Map<TopicPartition, OffsetSpec> wanted = new HashMap<>();
          IntStream.range(0, partitions)
              .forEach(p -> wanted.put(new TopicPartition(topic, p), OffsetSpec.latest()));
          Map<TopicPartition, Long> ends = new HashMap<>();
          admin
              .listOffsets(wanted, new ListOffsetsOptions(level))
              .all()
              .get()
              .forEach((partition, end) -> ends.put(partition, end.offset()));
          return ends;
        });
  }

  private interface Question<T> {
    T answer() throws ExecutionException, InterruptedException;
  }

  private static <T> T ask(Question<T> question) {
    try {
      return question.answer();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
