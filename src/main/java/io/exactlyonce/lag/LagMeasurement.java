package io.exactlyonce.lag;

import static java.util.Objects.requireNonNull;

import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * Measures some groups at one moment by requests to the cluster, in four steps, each within a bound
 * and for all groups together: topics; offsets and owners; beginnings and ends of logs; the
 * transactions that hold ends back. A silent broker leaves unmeasured only what no other broker can
 * answer.
 *
 * <p>Topic ids are requested before offsets, and offsets before ends. So a topic that is recreated
 * meanwhile is noticed by the id beside its offset, and an end is never older than the offset.
 */
final class LagMeasurement {
  /** Samples of one group, and what could not be measured. */
  record Measured(Map<TopicPartition, PartitionSample> samples, Unmeasured unmeasured) {}

  private static final Comparator<TopicPartition> ORDER =
      Comparator.comparing(TopicPartition::topic).thenComparingInt(TopicPartition::partition);

  private final String brokers;
  private final Duration bound;
  private final Clock clock;
  private final Map<String, Node> coordinators = new HashMap<>();

  /**
   * @param brokers their addresses, for messages
   * @param bound of each step
   */
  LagMeasurement(String brokers, Duration bound, Clock clock) {
    this.brokers = brokers;
    this.bound = bound;
    this.clock = clock;
  }

  Map<Watched, Measured> measure(Admin admin, Collection<Watched> all) {
    Map<Watched, Measured> measured = new LinkedHashMap<>();
    all.forEach(
        watched -> measured.put(watched, new Measured(new TreeMap<>(ORDER), new Unmeasured())));
    LogEnds logs = new LogEnds(admin);
    Map<String, TopicDescription> topics = describe(logs, measured);
    Map<Watched, Set<TopicPartition>> wanted = wanted(all, topics);
    if (wanted.isEmpty()) {
      return measured;
    }
    GroupPositions positions = positions(admin, wanted, measured);
    wanted.keySet().removeIf(watched -> !positions.isKnown(watched.group()));
    Map<TopicPartition, LogEnds.Ends> ends = ends(logs, topics, wanted, measured);
    long now = clock.millis();
    Map<TopicPartition, OpenTransaction> open =
        new HoldingTransactions(admin, new Answers(bound), now).find(heldBack(ends));
    wanted.forEach(
        (watched, own) -> {
          own.retainAll(ends.keySet());
          for (TopicPartition partition : own) {
            TopicDescription topic = requireNonNull(topics.get(partition.topic()));
            PartitionSample sample =
                sample(
                    now,
                    topic,
                    requireNonNull(ends.get(partition)),
                    positions,
                    watched.group(),
                    partition);
            requireNonNull(measured.get(watched))
                .samples()
                .put(partition, sample.withOpen(open.get(partition)));
          }
        });
    return measured;
  }

  private Map<TopicPartition, LogEnds.Ends> ends(
      LogEnds logs,
      Map<String, TopicDescription> topics,
      Map<Watched, Set<TopicPartition>> wanted,
      Map<Watched, Measured> measured) {
    Set<TopicPartition> partitions = new HashSet<>();
    wanted.forEach(
        (watched, own) ->
            own.forEach(
                partition -> {
                  if (LogEnds.isLed(topics, partition)) {
                    partitions.add(partition);
                  } else {
                    requireNonNull(measured.get(watched))
                        .unmeasured()
                        .add(partition, "no broker leads it");
                  }
                }));
    return logs.list(
        partitions,
        new Answers(bound),
        (partition, failure) -> {
          String leader = LogEnds.leader(topics, partition);
          for (Watched watched : wanted.keySet()) {
            if (wanted.get(watched).contains(partition)) {
              requireNonNull(measured.get(watched)).unmeasured().add(partition, leader, failure);
            }
          }
        });
  }

  private Map<String, TopicDescription> describe(LogEnds logs, Map<Watched, Measured> measured) {
    Set<String> names =
        measured.keySet().stream().flatMap(w -> w.topics().stream()).collect(Collectors.toSet());
    return logs.describe(
        names,
        new Answers(bound),
        (topic, failure) ->
            measured.forEach(
                (watched, into) -> {
                  if (!watched.topics().contains(topic)) {
                    return;
                  }
                  if (failure instanceof UnknownTopicOrPartitionException) {
                    into.unmeasured().add(topic, "there is no such topic");
                  } else {
                    into.unmeasured().add(topic, "Kafka at " + brokers, failure);
                  }
                }));
  }

  private static Map<Watched, Set<TopicPartition>> wanted(
      Collection<Watched> all, Map<String, TopicDescription> topics) {
    Map<Watched, Set<TopicPartition>> wanted = new LinkedHashMap<>();
    for (Watched watched : all) {
      Set<TopicPartition> partitions =
          watched.topics().stream()
              .filter(topics::containsKey)
              .flatMap(
                  topic ->
                      requireNonNull(topics.get(topic)).partitions().stream()
                          .map(info -> new TopicPartition(topic, info.partition())))
              .collect(Collectors.toSet());
      if (!partitions.isEmpty()) {
        wanted.put(watched, partitions);
      }
    }
    return wanted;
  }

  private GroupPositions positions(
      Admin admin, Map<Watched, Set<TopicPartition>> wanted, Map<Watched, Measured> measured) {
    GroupPositions positions = new GroupPositions(admin, new Answers(bound), coordinators);
    Map<String, Set<TopicPartition>> byGroup = new HashMap<>();
    wanted.forEach(
        (watched, partitions) ->
            byGroup.computeIfAbsent(watched.group(), g -> new HashSet<>()).addAll(partitions));
    positions.ask(
        byGroup,
        (group, failure) ->
            measured.forEach(
                (watched, into) -> {
                  if (watched.group().equals(group)) {
                    into.unmeasured().add("group " + group, coordinator(group), failure);
                  }
                }));
    return positions;
  }

  private String coordinator(String group) {
    Node known = coordinators.get(group);
    return known == null
        ? "Kafka at " + brokers
        : "its coordinator, " + Unmeasured.name(known) + ",";
  }

  private static List<TopicPartition> heldBack(Map<TopicPartition, LogEnds.Ends> ends) {
    return ends.entrySet().stream()
        .filter(entry -> entry.getValue().end() > entry.getValue().stable())
        .map(Map.Entry::getKey)
        .toList();
  }

  private static PartitionSample sample(
      long now,
      TopicDescription topic,
      LogEnds.Ends ends,
      GroupPositions positions,
      String group,
      TopicPartition partition) {
    return new PartitionSample(
        now,
        topic.topicId(),
        ends.begin(),
        ends.stable(),
        ends.end(),
        positions.committed(group, partition, topic.topicId()),
        positions.owner(group, partition),
        null,
        null);
  }
}
