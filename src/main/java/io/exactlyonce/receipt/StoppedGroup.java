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
 * @param receipts the group's receipts topic
 * @param admin closed by the caller
 * @param readers makes read_committed consumers with the group's id, which do not join it
 * @param producers makes a producer for a transactional id
 * @param patience bound of each request
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
   * The move of one partition's offset.
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
   * The group's committed offsets, once no open transaction can change them; partitions without one
   * are absent.
   *
   * @throws KafkaException where an offset was committed for an earlier topic of that name
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
   * The value.
   *
   * @throws KafkaException with the text {@code why} where the value is null
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
   * Moves the offsets, with their topics' ids as metadata, and writes the receipt, in one
   * transaction.
   *
   * <p>The members are listed once more while the offsets are pending in the open transaction: a
   * worker that joined before is in that list, and one that joins later waits for the decision
   * before it reads.
   *
   * @throws KafkaException where the group has members, or the transaction cannot be committed
   */
  void commit(
      String done, List<Receipt.Span> spans, List<Receipt.Decision> decisions, List<Move> moves) {
    offsets().describe(List.of(receipts)); // throws if absent; a producer would create it
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

  /** Aborts the transaction, which otherwise keeps the offsets undecided until its time-out. */
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
