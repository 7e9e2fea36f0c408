package io.exactlyonce.lag;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeConsumerGroupsOptions;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.common.errors.GroupIdNotFoundException;

/** Finds the topics of a group where its configuration is not at hand. */
public final class GroupTopics {
  private GroupTopics() {}

  /**
   * Topics that the group has offsets of, or of which its members own partitions; empty for a group
   * that does not exist.
   *
   * @throws org.apache.kafka.common.KafkaException where the broker refuses, or does not answer
   */
  public static Set<String> find(Admin admin, String group, Duration bound) {
    Answers answers = new Answers(bound);
    Set<String> topics = new HashSet<>();
    var offsets =
        admin.listConsumerGroupOffsets(
            Map.of(group, new ListConsumerGroupOffsetsSpec()),
            new ListConsumerGroupOffsetsOptions().timeoutMs(answers.leftMillis()));
    var members =
        admin.describeConsumerGroups(
            List.of(group), new DescribeConsumerGroupsOptions().timeoutMs(answers.leftMillis()));
    try {
      answers
          .get(offsets.partitionsToOffsetAndMetadata(group))
          .keySet()
          .forEach(partition -> topics.add(partition.topic()));
      GroupPositions.owners(answers.get(requireNonNull(members.describedGroups().get(group))))
          .keySet()
          .forEach(partition -> topics.add(partition.topic()));
    } catch (GroupIdNotFoundException e) {
      return topics;
    }
    return topics;
  }
}
