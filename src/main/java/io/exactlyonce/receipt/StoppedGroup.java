package io.exactlyonce.receipt;

import static java.util.Objects.requireNonNull;

import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.jspecify.annotations.Nullable;

/**
 * A consumer group whose pipeline is stopped, for the commands that move its offsets. One
 * transaction moves them and writes a receipt of the command's own kind, so that the audit can tell
 * the move from a loss or a second processing for as long as the receipts are kept.
 *
 * @param receipts the topic of its receipts
 * @param admin the caller's to close
 * @param readers makes read_committed consumers of the group that have not joined it
 * @param producers makes a producer for a transactional id
 */
public record StoppedGroup(
    String group,
    String receipts,
    Admin admin,
    Supplier<Consumer<byte[], byte[]>> readers,
    Function<String, Producer<byte[], byte[]>> producers,
    Clock clock,
    Duration patience) {

  /**
   * One partition's way.
   *
   * @param from the offset at which the group stands
   * @param to the offset at which it will stand
   */
  public record Move(TopicPartition partition, Uuid topicId, long from, long to) {
    @Override
    public String toString() {
      return partition + ": " + from + " -> " + to;
    }
  }

  LogOffsets offsets() {
    return new LogOffsets(admin, patience);
  }

  /**
   * The ids of the partitions' topics.
   *
   * @throws KafkaException where a topic or a partition does not exist
   */
  Map<TopicPartition, Uuid> topicIds(Iterable<TopicPartition> partitions) {
    Map<TopicPartition, Uuid> ids = new HashMap<>();
    for (TopicPartition partition : partitions) {
      TopicDescription topic =
          requireNonNull(offsets().describe(List.of(partition.topic())).get(partition.topic()));
      int count = topic.partitions().size();
      refuse(
          partition.partition() >= count,
          "there is no " + partition + ": " + partition.topic() + " has " + count + " partitions");
      ids.put(partition, topic.topicId());
    }
    return ids;
  }

  /**
   * Where the group stands, once no open transaction can change it; partitions without an offset
   * are absent.
   *
   * @throws KafkaException where an offset was set for an earlier topic of that name
   */
  Map<TopicPartition, Long> committed(Map<TopicPartition, Uuid> partitions) {
    Map<TopicPartition, Long> committed = new HashMap<>();
    try (BoundedClose<Consumer<byte[], byte[]>> reader = BoundedClose.of(readers.get())) {
      reader
          .client()
          .committed(new HashSet<>(partitions.keySet()), patience)
          .forEach(
              (partition, known) -> {
                if (known != null) {
                  refuseEarlierTopic(partition, known, requireNonNull(partitions.get(partition)));
                  committed.put(partition, known.offset());
                }
              });
    }
    return committed;
  }

  private static void refuseEarlierTopic(
      TopicPartition partition, OffsetAndMetadata known, Uuid now) {
    Optional<Uuid> of = OffsetMetadata.topicId(known);
    refuse(
        of.isPresent() && !of.get().equals(now),
        partition
            + ": the group's offset "
            + known.offset()
            + " is one of an earlier topic of that name (id "
            + of.orElse(now)
            + ", now "
            + now
            + "); start the pipeline, which begins the new topic at its beginning");
  }

  /**
   * @throws KafkaException with that text where there is no such value
   */
  static <T> T present(@Nullable T value, String why) {
    if (value == null) {
      throw new KafkaException(why);
    }
    return value;
  }

  /**
   * The client ids of the group's members; empty where it is stopped on every instance.
   *
   * @throws KafkaException where Kafka refuses or does not answer
   */
  public Set<String> members() {
    try {
      var groups = offsets().get(admin.describeConsumerGroups(List.of(group)).all());
      return requireNonNull(groups.get(group)).members().stream()
          .map(MemberDescription::clientId)
          .collect(Collectors.toCollection(TreeSet::new));
    } catch (GroupIdNotFoundException e) { // deleted, or its offsets expired
      return Set.of();
    }
  }

  /**
   * @throws KafkaException where the group has members
   */
  void refuseMembers() {
    Set<String> members = members();
    refuse(
        !members.isEmpty(),
        "group " + group + " has members " + members + "; stop the pipeline on every instance");
  }

  /**
   * Moves the offsets, with their topics' ids as metadata.
   *
   * <p>The members are looked at once more while the transaction holds the offsets undecided: a
   * worker that joins from then on waits for the decision before it reads, and one that joined
   * before is seen.
   */
  void commit(
      String done, List<Receipt.Span> spans, List<Receipt.Decision> decisions, List<Move> moves) {
    offsets().describe(List.of(receipts)); // a producer would create it where it is mistyped
    String id = group + "-" + done;
    Receipt receipt = new Receipt(id, id, clock.millis(), spans, new TreeMap<>(), decisions, "");
    Map<TopicPartition, OffsetAndMetadata> to = new HashMap<>();
    moves.forEach(
        move ->
            to.put(move.partition(), new OffsetAndMetadata(move.to(), move.topicId().toString())));
    try (BoundedClose<Consumer<byte[], byte[]>> outsider = BoundedClose.of(readers.get());
        BoundedClose<Producer<byte[], byte[]>> closing = BoundedClose.of(producers.apply(id))) {
      Producer<byte[], byte[]> producer = closing.client();
      producer.initTransactions();
      producer.beginTransaction();
      try {
        producer.send(new ProducerRecord<>(receipts, Receipts.write(receipt)));
        producer.sendOffsetsToTransaction(to, outsider.client().groupMetadata());
        refuseMembers();
      } catch (KafkaException e) {
        abort(producer, e);
        throw e;
      }
      producer.commitTransaction();
    }
  }

  /** What is left open holds the offsets undecided until the transaction's time-out. */
  private static void abort(Producer<byte[], byte[]> producer, KafkaException because) {
    try {
      producer.abortTransaction();
    } catch (KafkaException e) {
      because.addSuppressed(e);
    }
  }

  static void refuse(boolean wrong, String why) {
    if (wrong) {
      throw new KafkaException(why);
    }
  }
}
