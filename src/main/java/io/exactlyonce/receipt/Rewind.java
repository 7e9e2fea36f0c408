package io.exactlyonce.receipt;

import static io.exactlyonce.receipt.StoppedGroup.refuse;
import static java.util.Objects.requireNonNull;

import io.exactlyonce.config.value.RetryTopic;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;

/**
 * Command that sets a stopped group back, so that records are processed again on purpose. Claims
 * are left as they are, so a record that was dropped as a duplicate is dropped again. The receipt
 * has a span for each partition, {@code from} the offset at which the group stood {@code to} the
 * lower one that it goes back to.
 */
public record Rewind(StoppedGroup group) {

  /** {@link Receipt.Decision#done} of a rewind's receipt. */
  public static final String DONE = "rewind";

  /** The offsets that the group goes back to. */
  public sealed interface Target {
    /** An offset for each partition. */
    record Offsets(Map<TopicPartition, Long> to) implements Target {}

    /**
     * The first record with this timestamp or a later one. No topics: all that the group has
     * offsets of, except its retry topics.
     */
    record Time(Instant instant, Set<String> topics) implements Target {}

    /** The first record that is still in the log; topics as for {@link Time}. */
    record Beginning(Set<String> topics) implements Target {}
  }

  /** Whether the span is one of a rewind's receipt, and so accounts for no record. */
  public static boolean isRewind(Receipt.Span span) {
    return span.to() < span.from();
  }

  /**
   * The moves to the target, of a group without members.
   *
   * @throws KafkaException as {@link #preview} does, and where the group has members
   */
  public List<StoppedGroup.Move> plan(Target target) {
    group.refuseMembers();
    return preview(target);
  }

  /**
   * The moves to the target, as if the group were stopped at its present offsets.
   *
   * @throws KafkaException naming the obstacle: a target ahead of the group's offset, an offset
   *     whose record is gone, an offset that was committed for an earlier topic, or nothing to move
   */
  public List<StoppedGroup.Move> preview(Target target) {
    List<StoppedGroup.Move> moves =
        target instanceof Target.Offsets offsets ? moves(offsets.to()) : moves(target);
    refuse(moves.isEmpty(), "nothing to rewind: the group's offsets are not past that point");
    return moves.stream()
        .sorted(
            Comparator.comparing((StoppedGroup.Move move) -> move.partition().topic())
                .thenComparing(move -> move.partition().partition()))
        .toList();
  }

  private List<StoppedGroup.Move> moves(Map<TopicPartition, Long> wanted) {
    Map<TopicPartition, Uuid> ids = group.topicIds(wanted.keySet());
    Map<TopicPartition, Long> stands = group.committed(ids);
    Map<TopicPartition, Long> begins = group.offsets().earliest(wanted.keySet());
    List<StoppedGroup.Move> moves = new ArrayList<>();
    wanted.forEach(
        (partition, to) -> {
          long from =
              StoppedGroup.present(
                  stands.get(partition),
                  "group " + group.group() + " has no offset of " + partition);
          refuse(
              to >= from,
              "the group's offset of "
                  + partition
                  + " is "
                  + from
                  + ", and "
                  + to
                  + " is not before it; to move past lost records use accept-loss");
          long begin = requireNonNull(begins.get(partition));
          refuse(
              to < begin,
              partition + " begins at " + begin + ": the records from " + to + " on are gone");
          moves.add(new StoppedGroup.Move(partition, requireNonNull(ids.get(partition)), from, to));
        });
    return moves;
  }

  private List<StoppedGroup.Move> moves(Target target) {
    Set<String> topics =
        target instanceof Target.Time time ? time.topics() : ((Target.Beginning) target).topics();
    List<TopicPartition> read = read(topics);
    Map<TopicPartition, Uuid> ids = group.topicIds(read);
    Map<TopicPartition, Long> to =
        target instanceof Target.Time time
            ? group.offsets().since(read, time.instant().toEpochMilli())
            : group.offsets().earliest(read);
    List<StoppedGroup.Move> moves = new ArrayList<>();
    group
        .committed(ids)
        .forEach(
            (partition, from) -> {
              if (requireNonNull(to.get(partition)) < from) {
                moves.add(
                    new StoppedGroup.Move(
                        partition, requireNonNull(ids.get(partition)), from, to.get(partition)));
              }
            });
    return moves;
  }

  /**
   * Partitions that the group has offsets of. Without topics, those of its retry topics are left
   * out: their records come again from the source, and would be processed a second time beside
   * them.
   */
  private List<TopicPartition> read(Set<String> topics) {
    Set<String> existing = group.offsets().get(group.admin().listTopics().names());
    Set<TopicPartition> known =
        group
            .offsets()
            .get(
                group
                    .admin()
                    .listConsumerGroupOffsets(group.group())
                    .partitionsToOffsetAndMetadata())
            .keySet();
    Set<String> strangers =
        topics.stream()
            .filter(topic -> known.stream().noneMatch(p -> p.topic().equals(topic)))
            .collect(Collectors.toSet());
    refuse(
        !strangers.isEmpty(), "group " + group.group() + " has no offsets of topics " + strangers);
    return known.stream()
        .filter(
            partition ->
                topics.isEmpty()
                    ? existing.contains(partition.topic())
                        && !partition.topic().startsWith(RetryTopic.prefix(group.group()))
                    : topics.contains(partition.topic()))
        .toList();
  }

  /**
   * Moves the offsets and writes the receipt, in one transaction.
   *
   * @param moves as {@link #plan} returned them
   * @param because the reason, for the receipt
   * @param who name of the operator, for the receipt; may be empty
   * @throws KafkaException where the group has members by now, or the transaction cannot be
   *     committed
   */
  public void run(List<StoppedGroup.Move> moves, String because, String who) {
    List<Receipt.Span> spans = new ArrayList<>();
    List<Receipt.Decision> decisions = new ArrayList<>();
    for (StoppedGroup.Move move : moves) {
      TopicPartition partition = move.partition();
      spans.add(
          new Receipt.Span(
              partition.topic(), move.topicId(), partition.partition(), move.from(), move.to()));
      decisions.add(new Receipt.Decision(partition + "@" + move.from(), DONE, because, who));
    }
    group.commit(DONE, spans, decisions, moves);
  }
}
