package io.exactlyonce.lag;

import static java.util.Objects.requireNonNull;

import io.exactlyonce.receipt.OffsetMetadata;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.DescribeConsumerGroupsOptions;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsResult;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.InterruptException;
import org.jspecify.annotations.Nullable;

/**
 * Committed offsets of groups and owners of their partitions, by two or three requests for all
 * groups together.
 *
 * <p>Stable offsets are requested first. That answer leaves out a partition whose offset an open
 * transaction is about to change: some under load at every check, all while a commit hangs. For
 * those the last decided offsets are requested. For a lag, other than for reading on, those are
 * right, since records of an open transaction are still to be processed.
 */
final class GroupPositions {
  /**
   * Members of a group.
   *
   * @param owners client ids of members, by partition
   * @param isSettled whether a partition that is not among them has no owner
   */
  private record Members(Map<TopicPartition, String> owners, boolean isSettled) {
    static final Members UNKNOWN = new Members(Map.of(), false);
    static final Members NONE = new Members(Map.of(), true);
  }

  private final Admin admin;
  private final Answers answers;

  /** The last known coordinator of each group, to be named where it does not answer. */
  private final Map<String, Node> coordinators;

  private final Map<String, Map<TopicPartition, OffsetAndMetadata>> committed = new HashMap<>();
  private final Map<String, Members> members = new HashMap<>();

  GroupPositions(Admin admin, Answers answers, Map<String, Node> coordinators) {
    this.admin = admin;
    this.answers = answers;
    this.coordinators = coordinators;
  }

  /**
   * Requests offsets and owners.
   *
   * @param wanted the partitions of each group
   * @param failed takes a group whose offsets are not known, and why
   */
  void ask(Map<String, Set<TopicPartition>> wanted, BiConsumer<String, KafkaException> failed) {
    var described =
        admin.describeConsumerGroups(
            wanted.keySet(), new DescribeConsumerGroupsOptions().timeoutMs(answers.leftMillis()));
    Map<String, Set<TopicPartition>> undecided = new HashMap<>();
    ListConsumerGroupOffsetsResult stable = list(wanted, true);
    wanted.forEach(
        (group, partitions) -> {
          try {
            var known = answers.get(stable.partitionsToOffsetAndMetadata(group));
            committed.put(group, new HashMap<>(known));
            var left = partitions.stream().filter(p -> !known.containsKey(p));
            Set<TopicPartition> rest = left.collect(Collectors.toSet());
            if (!rest.isEmpty()) {
              undecided.put(group, rest);
            }
          } catch (GroupIdNotFoundException e) {
            committed.put(group, new HashMap<>());
          } catch (InterruptException e) {
            throw e;
          } catch (KafkaException e) {
            failed.accept(group, e);
          }
        });
    if (!undecided.isEmpty()) {
      askDecided(undecided, failed);
    }
    wanted
        .keySet()
        .forEach(
            group ->
                members.put(
                    group, members(group, requireNonNull(described.describedGroups().get(group)))));
  }

  private void askDecided(
      Map<String, Set<TopicPartition>> undecided, BiConsumer<String, KafkaException> failed) {
    ListConsumerGroupOffsetsResult decided = list(undecided, false);
    for (String group : undecided.keySet()) {
      try {
        requireNonNull(committed.get(group))
            .putAll(answers.get(decided.partitionsToOffsetAndMetadata(group)));
      } catch (InterruptException e) {
        throw e;
      } catch (KafkaException e) {
        committed.remove(group);
        failed.accept(group, e);
      }
    }
  }

  private ListConsumerGroupOffsetsResult list(
      Map<String, Set<TopicPartition>> groups, boolean requireStable) {
    Map<String, ListConsumerGroupOffsetsSpec> specs = new HashMap<>();
    groups.forEach(
        (group, partitions) ->
            specs.put(group, new ListConsumerGroupOffsetsSpec().topicPartitions(partitions)));
    return admin.listConsumerGroupOffsets(
        specs,
        new ListConsumerGroupOffsetsOptions()
            .requireStable(requireStable)
            .timeoutMs(answers.leftMillis()));
  }

  /** Client ids of the members that own partitions, by partition. */
  static Map<TopicPartition, String> owners(ConsumerGroupDescription group) {
    Map<TopicPartition, String> owners = new HashMap<>();
    for (MemberDescription member : group.members()) {
      member
          .assignment()
          .topicPartitions()
          .forEach(partition -> owners.put(partition, member.clientId()));
    }
    return owners;
  }

  private Members members(String group, KafkaFuture<ConsumerGroupDescription> described) {
    try {
      ConsumerGroupDescription known = answers.get(described);
      coordinators.put(group, known.coordinator());
      Map<TopicPartition, String> owners = owners(known);
      // The members of a classic group have no assignments while it rebalances.
      boolean isSettled = known.groupState() == GroupState.STABLE || known.members().isEmpty();
      return new Members(owners, isSettled);
    } catch (GroupIdNotFoundException e) {
      return Members.NONE;
    } catch (InterruptException e) {
      throw e;
    } catch (KafkaException e) {
      return Members.UNKNOWN;
    }
  }

  boolean isKnown(String group) {
    return committed.containsKey(group);
  }

  /**
   * The group's offset; {@link PartitionSample#NONE} where it has none, or one of an earlier topic
   * of that name.
   */
  long committed(String group, TopicPartition partition, Uuid topicId) {
    OffsetAndMetadata known = requireNonNull(committed.get(group)).get(partition);
    boolean isOther =
        known != null
            && OffsetMetadata.topicId(known).filter(id -> !id.equals(topicId)).isPresent();
    return known == null || isOther ? PartitionSample.NONE : known.offset();
  }

  /** Client id of the partition's owner; empty where it has none, null where that is not known. */
  @Nullable String owner(String group, TopicPartition partition) {
    Members known = members.getOrDefault(group, Members.UNKNOWN);
    return known.owners().getOrDefault(partition, known.isSettled() ? "" : null);
  }
}
