package io.exactlyonce.engine.topic;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.LeaderNotAvailableException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.errors.UnstableOffsetCommitException;
import org.jspecify.annotations.Nullable;

/**
 * One look-up of partitions at the broker. Each partition has a future of its own, so that one
 * whose offset is undecided, or that has no leader, delays no other.
 *
 * <p>It asks for topic ids, then the group's offsets, then where the logs begin and end. If a topic
 * is made anew in between, the answer has the old id, which is noticed later; in the reverse order
 * the new id could come with the beginning of the old topic.
 */
public final class Lookup {
  /**
   * @param committed the group's stable offset; null where it has none
   * @param end the high watermark: a committed offset may lie between it and the last stable offset
   */
  public record Answer(Uuid topicId, @Nullable OffsetAndMetadata committed, long begin, long end) {}

  private final Admin admin;
  private final String group;
  private final int timeoutMillis;
  private final Map<TopicPartition, CompletableFuture<Answer>> answers;

  private Lookup(Admin admin, Duration timeout, String group, Collection<TopicPartition> wanted) {
    this.admin = admin;
    this.group = group;
    this.timeoutMillis = Math.toIntExact(timeout.toMillis());
    this.answers =
        wanted.stream()
            .collect(Collectors.toMap(Function.identity(), p -> new CompletableFuture<>()));
  }

  /**
   * Starts a look-up. A partition's future fails with an {@link UnknownTopicOrPartitionException}
   * where it does not exist, a {@link LeaderNotAvailableException} where it has no leader, an
   * {@link UnstableOffsetCommitException} where the group's offset is undecided, or what the client
   * fails with.
   *
   * @param topics descriptions of the partitions' topics
   */
  static Map<TopicPartition, CompletableFuture<Answer>> begin(
      Admin admin,
      Duration timeout,
      String group,
      CompletableFuture<Map<String, TopicDescription>> topics,
      Collection<TopicPartition> wanted) {
    Lookup lookup = new Lookup(admin, timeout, group, wanted);
    topics.whenComplete(
        (found, failure) -> lookup.orFail(wanted, () -> lookup.onTopics(found, failure)));
    return lookup.answers;
  }

  private void onTopics(Map<String, TopicDescription> found, @Nullable Throwable failure) {
    if (failure != null) {
      fail(answers.keySet(), failure);
      return;
    }
    Map<Boolean, List<TopicPartition>> there =
        answers.keySet().stream().collect(Collectors.partitioningBy(p -> exists(p, found)));
    for (TopicPartition missing : requireNonNull(there.get(false))) {
      String why = missing + " does not exist: its topic was deleted";
      requireNonNull(answers.get(missing))
          .completeExceptionally(new UnknownTopicOrPartitionException(why));
    }
    List<TopicPartition> open =
        requireNonNull(there.get(true)).stream()
            .filter(partition -> isLed(partition, found))
            .toList();
    if (open.isEmpty()) {
      return;
    }
    future(
            admin
                .listConsumerGroupOffsets(
                    Map.of(group, new ListConsumerGroupOffsetsSpec().topicPartitions(open)),
                    new ListConsumerGroupOffsetsOptions()
                        .requireStable(true)
                        .timeoutMs(timeoutMillis))
                .partitionsToOffsetAndMetadata(group))
        .whenComplete(
            (committed, thrown) -> orFail(open, () -> onCommitted(found, open, committed, thrown)));
  }

  /**
   * Whether the partition has a leader; fails its future where it has none. The client (4.3.1)
   * would look for that leader without a pause between its requests until its time-out.
   */
  private boolean isLed(TopicPartition partition, Map<String, TopicDescription> found) {
    Node leader =
        requireNonNull(found.get(partition.topic()))
            .partitions()
            .get(partition.partition())
            .leader();
    boolean isLed = leader != null && !leader.isEmpty();
    if (!isLed) {
      String why = partition + " has no leader: no broker that is up may lead it";
      requireNonNull(answers.get(partition))
          .completeExceptionally(new LeaderNotAvailableException(why));
    }
    return isLed;
  }

  private static boolean exists(TopicPartition partition, Map<String, TopicDescription> found) {
    TopicDescription topic = found.get(partition.topic());
    return topic != null && partition.partition() < topic.partitions().size();
  }

  /** Takes offsets in; the client leaves out, with a warning, those that are not stable yet. */
  private void onCommitted(
      Map<String, TopicDescription> found,
      List<TopicPartition> open,
      Map<TopicPartition, OffsetAndMetadata> committed,
      @Nullable Throwable failure) {
    if (failure != null) {
      fail(open, failure);
      return;
    }
    Map<Boolean, List<TopicPartition>> stable =
        open.stream().collect(Collectors.partitioningBy(committed::containsKey));
    fail(
        requireNonNull(stable.get(false)),
        new UnstableOffsetCommitException(
            "the group's offsets are undecided: a transaction of another member is open"));
    List<TopicPartition> decided = requireNonNull(stable.get(true));
    if (decided.isEmpty()) {
      return;
    }
    ListOffsetsResult begins = list(decided, OffsetSpec.earliest());
    ListOffsetsResult ends = list(decided, OffsetSpec.latest());
    for (TopicPartition partition : decided) {
      Uuid id = requireNonNull(found.get(partition.topic())).topicId();
      future(begins.partitionResult(partition))
          .thenCombine(
              future(ends.partitionResult(partition)),
              (begin, end) ->
                  new Answer(id, committed.get(partition), begin.offset(), end.offset()))
          .whenComplete(
              (answer, thrown) -> {
                if (thrown == null) {
                  requireNonNull(answers.get(partition)).complete(answer);
                } else {
                  fail(List.of(partition), thrown);
                }
              });
    }
  }

  private ListOffsetsResult list(List<TopicPartition> partitions, OffsetSpec spec) {
    Map<TopicPartition, OffsetSpec> asked =
        partitions.stream().collect(Collectors.toMap(Function.identity(), p -> spec));
    return admin.listOffsets(
        asked, new ListOffsetsOptions(IsolationLevel.READ_UNCOMMITTED).timeoutMs(timeoutMillis));
  }

  /** Runs a callback. Without this the futures of one that throws would never complete. */
  private void orFail(Collection<TopicPartition> partitions, Runnable next) {
    try {
      next.run();
    } catch (RuntimeException e) { // the client is closed
      fail(partitions, e);
    }
  }

  private void fail(Collection<TopicPartition> partitions, Throwable failure) {
    partitions.forEach(
        partition -> requireNonNull(answers.get(partition)).completeExceptionally(failure));
  }

  private static <T> CompletableFuture<T> future(KafkaFuture<T> answer) {
    return answer.toCompletionStage().toCompletableFuture();
  }
}
