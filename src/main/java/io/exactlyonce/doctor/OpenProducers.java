package io.exactlyonce.doctor;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.ListTransactionsOptions;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.TransactionalIdAuthorizationException;
import org.apache.kafka.common.errors.TransactionalIdNotFoundException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;

/**
 * Finds producers with an open transaction in some topics, and its description by its coordinator
 * (KIP-664).
 */
final class OpenProducers {
  /**
   * A producer with an open transaction in a partition.
   *
   * @param id transactional id; empty where no coordinator lists a transaction of the producer
   * @param known description by its coordinator; null where none describes it, or it does not
   *     include the partition
   */
  record Open(
      TopicPartition partition,
      ProducerState producer,
      String id,
      @Nullable TransactionDescription known) {
    long startOffset() {
      return producer.currentTransactionStartOffset().orElse(-1);
    }
  }

  private final Questions questions;
  private final Set<String> unread = new TreeSet<>();

  OpenProducers(Questions questions) {
    this.questions = questions;
  }

  /**
   * Topics whose producers this principal may not describe, since it lacks READ for them. Filled by
   * {@link #find}.
   */
  Set<String> unread() {
    return unread;
  }

  List<Open> find(Collection<String> topics)
      throws ExecutionException, TimeoutException, InterruptedException {
    Map<TopicPartition, List<ProducerState>> open = open(partitions(topics));
    Set<Long> producers =
        open.values().stream()
            .flatMap(List::stream)
            .map(ProducerState::producerId)
            .collect(Collectors.toSet());
    Map<Long, String> names = names(producers);
    Map<String, TransactionDescription> known = describe(names.values());
    List<Open> found = new ArrayList<>();
    open.forEach(
        (partition, states) ->
            states.forEach(
                state -> {
                  String name = names.getOrDefault(state.producerId(), "");
                  TransactionDescription described = known.get(name);
                  boolean isIn =
                      described != null && described.topicPartitions().contains(partition);
                  found.add(new Open(partition, state, name, isIn ? described : null));
                }));
    found.sort(Comparator.comparing(each -> each.partition().toString()));
    return found;
  }

  private List<TopicPartition> partitions(Collection<String> topics)
      throws ExecutionException, TimeoutException, InterruptedException {
    List<TopicPartition> partitions = new ArrayList<>();
    var asked =
        questions
            .admin()
            .describeTopics(topics, new DescribeTopicsOptions().includeAuthorizedOperations(true))
            .topicNameValues();
    for (var described : asked.entrySet()) {
      TopicDescription topic = orNull(described.getValue(), described.getKey());
      if (topic != null && !mayRead(topic)) {
        unread.add(topic.name());
      } else if (topic != null) {
        topic
            .partitions()
            .forEach(each -> partitions.add(new TopicPartition(topic.name(), each.partition())));
      }
    }
    return partitions;
  }

  /**
   * Whether READ for the topic is allowed. Asked first, since the client logs an error for each
   * partition whose producers it may not describe.
   */
  private static boolean mayRead(TopicDescription topic) {
    return topic.authorizedOperations() == null
        || topic.authorizedOperations().contains(AclOperation.READ);
  }

  private Map<TopicPartition, List<ProducerState>> open(List<TopicPartition> partitions)
      throws ExecutionException, TimeoutException, InterruptedException {
    var asked = questions.admin().describeProducers(partitions);
    Map<TopicPartition, List<ProducerState>> open = new HashMap<>();
    for (TopicPartition partition : partitions) {
      var state = orNull(asked.partitionResult(partition), partition.topic());
      if (state != null) {
        List<ProducerState> producers =
            state.activeProducers().stream()
                .filter(producer -> producer.currentTransactionStartOffset().isPresent())
                .toList();
        if (!producers.isEmpty()) {
          open.put(partition, producers);
        }
      }
    }
    return open;
  }

  private <T> @Nullable T orNull(KafkaFuture<T> answer, String topic)
      throws ExecutionException, TimeoutException, InterruptedException {
    try {
      return questions.get(answer);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof TopicAuthorizationException) {
        unread.add(topic);
      } else if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
        throw e;
      }
      return null;
    }
  }

  private Map<Long, String> names(Set<Long> producers)
      throws ExecutionException, TimeoutException, InterruptedException {
    Map<Long, String> names = new HashMap<>();
    if (!producers.isEmpty()) {
      for (TransactionListing listed :
          questions.get(
              questions
                  .admin()
                  .listTransactions(new ListTransactionsOptions().filterProducerIds(producers))
                  .all())) {
        names.put(listed.producerId(), listed.transactionalId());
      }
    }
    return names;
  }

  private Map<String, TransactionDescription> describe(Collection<String> names)
      throws ExecutionException, TimeoutException, InterruptedException {
    Map<String, TransactionDescription> known = new HashMap<>();
    if (names.isEmpty()) {
      return known;
    }
    var asked = questions.admin().describeTransactions(names);
    for (String name : names) {
      try {
        known.put(name, questions.get(asked.description(name)));
      } catch (ExecutionException e) {
        boolean isGone = e.getCause() instanceof TransactionalIdNotFoundException;
        if (!isGone && !(e.getCause() instanceof TransactionalIdAuthorizationException)) {
          throw e;
        }
      }
    }
    return known;
  }
}
