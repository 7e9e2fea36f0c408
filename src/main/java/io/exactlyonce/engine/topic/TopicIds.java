package io.exactlyonce.engine.topic;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.admin.TopicListing;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicIdException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;

/**
 * The ids of a pipeline's topics, shared by its workers. A topic that is deleted and made anew
 * under the same name has another id: no offset, claim or receipt of the old topic holds for it.
 *
 * <p>Ids are never used again. So if the broker still knows an id after some records were polled,
 * none of them is of a later topic with that name: {@link #stillThere}.
 */
public final class TopicIds {
  private final Admin admin;
  private final Duration timeout;
  private final Map<String, TopicDescription> last = new ConcurrentHashMap<>();
  private final Map<String, List<Uuid>> former = new ConcurrentHashMap<>();
  private final AtomicInteger changes = new AtomicInteger();
  private final GoneTopics gone;

  public TopicIds(Admin admin, Duration timeout) {
    this.admin = admin;
    this.timeout = timeout;
    this.gone = new GoneTopics(admin, timeout);
  }

  /**
   * Describes topics by name and remembers the answer; topics that do not exist are absent from it.
   */
  CompletableFuture<Map<String, TopicDescription>> describe(Collection<String> topics) {
    Map<String, KafkaFuture<TopicDescription>> asked =
        admin.describeTopics(topics, bounded()).topicNameValues();
    return all(asked.values())
        .handle(
            (done, failure) -> {
              Map<String, TopicDescription> found = new HashMap<>();
              asked.forEach(
                  (topic, answer) ->
                      get(answer, UnknownTopicOrPartitionException.class, found, topic));
              topics.forEach(topic -> note(topic, found.get(topic)));
              return found;
            });
  }

  private void note(String topic, @Nullable TopicDescription now) {
    TopicDescription before = now == null ? last.remove(topic) : last.put(topic, now);
    if (before != null && (now == null || !now.topicId().equals(before.topicId()))) {
      former.compute(topic, (name, ids) -> with(ids, before.topicId()));
      changes.incrementAndGet();
    } else if (before == null && now != null && former.containsKey(topic)) {
      changes.incrementAndGet();
    }
  }

  private static List<Uuid> with(@Nullable List<Uuid> ids, Uuid next) {
    List<Uuid> all = new ArrayList<>(ids == null ? List.of() : ids);
    all.remove(next);
    all.add(next);
    return List.copyOf(all);
  }

  /**
   * Checks that the broker knows all of these ids at some moment after this call.
   *
   * @return fails with an {@link UnknownTopicIdException} where it does not know one, and with the
   *     client's exception where it does not answer in time
   */
  public CompletableFuture<Void> stillThere(Collection<Uuid> ids) {
    return gone(ids)
        .thenAccept(
            gone ->
                gone.stream()
                    .findAny()
                    .ifPresent(
                        id -> {
                          throw new UnknownTopicIdException(
                              "a topic that was read from is deleted or made anew: its id was "
                                  + id);
                        }));
  }

  /**
   * Finds the ids that the broker does not know at some moment after this call: their topics are
   * deleted for good.
   *
   * @return fails with the client's exception where the broker does not answer in time
   */
  public CompletableFuture<Set<Uuid>> gone(Collection<Uuid> ids) {
    return gone.among(ids);
  }

  /** Adds the description to {@code found}, unless the answer is that the topic does not exist. */
  static <K> void get(
      KafkaFuture<TopicDescription> answer,
      Class<? extends KafkaException> missing,
      Map<K, TopicDescription> found,
      K key) {
    try {
      found.put(key, answer.getNow(null));
    } catch (ExecutionException e) {
      if (!missing.isInstance(e.getCause())) {
        throw new CompletionException(e.getCause());
      }
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }

  static CompletableFuture<Void> all(Collection<KafkaFuture<TopicDescription>> answers) {
    return CompletableFuture.allOf(
        answers.stream().map(TopicIds::future).toArray(CompletableFuture[]::new));
  }

  private static <T> CompletableFuture<T> future(KafkaFuture<T> answer) {
    return answer.toCompletionStage().toCompletableFuture();
  }

  private DescribeTopicsOptions bounded() {
    return GoneTopics.bounded(timeout);
  }

  /** Starts a look-up of where partitions stand; see {@link Lookup} for how each future ends. */
  public Map<TopicPartition, CompletableFuture<Lookup.Answer>> lookUp(
      String group, Collection<TopicPartition> partitions) {
    Set<String> topics = partitions.stream().map(TopicPartition::topic).collect(Collectors.toSet());
    return Lookup.begin(admin, timeout, group, describe(topics), partitions);
  }

  /**
   * How many partitions these topics have together.
   *
   * @throws KafkaException where the broker does not answer in time
   */
  public int partitions(Collection<String> topics) {
    return get(describe(topics), timeout).values().stream()
        .mapToInt(topic -> topic.partitions().size())
        .sum();
  }

  /**
   * Waits for the answer.
   *
   * @throws KafkaException what it failed with, or a {@link TimeoutException}
   */
  public static <T> T get(CompletableFuture<T> answer, Duration bound) {
    try {
      return answer.get(bound.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof KafkaException known ? known : new KafkaException(e.getCause());
    } catch (java.util.concurrent.TimeoutException e) {
      throw new TimeoutException(
          "Kafka did not answer a request about topics or offsets within "
              + bound.toMillis()
              + "ms",
          e);
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }

  /** The leader of each partition of the topics that were described last; empty without one. */
  public Map<TopicPartition, Optional<Node>> leaders() {
    Map<TopicPartition, Optional<Node>> leaders = new HashMap<>();
    last.forEach(
        (topic, described) ->
            described
                .partitions()
                .forEach(
                    partition ->
                        leaders.put(
                            new TopicPartition(topic, partition.partition()),
                            Optional.ofNullable(partition.leader()).filter(n -> !n.isEmpty()))));
    return leaders;
  }

  /** The partitions that the topic had when it was last described. */
  public Set<TopicPartition> partitionsOf(String topic) {
    TopicDescription known = last.get(topic);
    return known == null
        ? Set.of()
        : known.partitions().stream()
            .map(partition -> new TopicPartition(topic, partition.partition()))
            .collect(Collectors.toSet());
  }

  /** The id that the topic had when it was last described; zero where it did not exist. */
  public Uuid of(String topic) {
    TopicDescription known = last.get(topic);
    return known == null ? Uuid.ZERO_UUID : known.topicId();
  }

  /**
   * The ids of earlier topics of that name, as far as this process has seen them; the latest last.
   */
  public List<Uuid> former(String topic) {
    return former.getOrDefault(topic, List.of());
  }

  /**
   * The ids of all topics that the broker lists, and of those that were described last: a broker
   * that is behind may not list a topic yet that another one has just described.
   */
  public Set<Uuid> existing() {
    KafkaFuture<Collection<TopicListing>> listed = admin.listTopics().listings();
    return Stream.concat(
            get(future(listed), timeout).stream().map(TopicListing::topicId),
            last.values().stream().map(TopicDescription::topicId))
        .collect(Collectors.toSet());
  }

  /** Counts how often a topic was seen to be gone, made anew, or there again. */
  public int changes() {
    return changes.get();
  }
}
