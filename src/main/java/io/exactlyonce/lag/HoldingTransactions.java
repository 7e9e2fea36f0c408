package io.exactlyonce.lag;

import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeProducersOptions;
import org.apache.kafka.clients.admin.DescribeProducersResult;
import org.apache.kafka.clients.admin.DescribeTransactionsOptions;
import org.apache.kafka.clients.admin.DescribeTransactionsResult;
import org.apache.kafka.clients.admin.ListTransactionsOptions;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the transactions that hold back last stable offsets: for each partition the open one that
 * began first. It makes three requests for all partitions together. A transaction stays unknown
 * where an answer is missing, or refused for want of rights; the lag is measured without it.
 */
final class HoldingTransactions {
  private static final Logger LOG = LoggerFactory.getLogger(HoldingTransactions.class);

  private final Admin admin;
  private final Answers answers;
  private final long now;

  /**
   * The transaction that a producer has now, by its coordinator.
   *
   * @param partitions that are in it; null where the coordinator does not answer
   */
  private record Described(OpenTransaction transaction, @Nullable Set<TopicPartition> partitions) {

    /** False where what is open in the partition was left behind: it hangs. */
    boolean mayBeOf(TopicPartition partition) {
      return partitions == null || partitions.contains(partition);
    }
  }

  /** Whether every broker has listed the transactions that it coordinates. */
  private boolean listedAll = true;

  /**
   * @param now in ms since the epoch, for ages
   */
  HoldingTransactions(Admin admin, Answers answers, long now) {
    this.admin = admin;
    this.answers = answers;
    this.now = now;
  }

  Map<TopicPartition, OpenTransaction> find(Collection<TopicPartition> heldBack) {
    Map<TopicPartition, OpenTransaction> found = new HashMap<>();
    if (heldBack.isEmpty()) {
      return found;
    }
    Map<TopicPartition, ProducerState> holding = producers(heldBack);
    Set<Long> ids = new HashSet<>();
    holding.values().forEach(producer -> ids.add(producer.producerId()));
    Map<Long, Described> byProducer = transactions(ids);
    holding.forEach(
        (partition, producer) -> {
          Described known = byProducer.get(producer.producerId());
          long silent = Math.max(0, now - producer.lastTimestamp());
          String unknown = listedAll || known != null ? "" : null;
          found.put(
              partition,
              known != null && known.mayBeOf(partition)
                  ? known.transaction
                  : new OpenTransaction(unknown, producer.producerId(), silent, 0));
        });
    return found;
  }

  private Map<TopicPartition, ProducerState> producers(Collection<TopicPartition> heldBack) {
    DescribeProducersResult asked =
        admin.describeProducers(
            heldBack, new DescribeProducersOptions().timeoutMs(answers.leftMillis()));
    Map<TopicPartition, ProducerState> first = new HashMap<>();
    for (TopicPartition partition : heldBack) {
      var state = orNull(asked.partitionResult(partition));
      if (state != null) {
        state.activeProducers().stream()
            .filter(producer -> producer.currentTransactionStartOffset().isPresent())
            .min(Comparator.comparing(p -> p.currentTransactionStartOffset().getAsLong()))
            .ifPresent(producer -> first.put(partition, producer));
      }
    }
    return first;
  }

  private Map<Long, Described> transactions(Set<Long> producerIds) {
    Map<Long, Described> found = new HashMap<>();
    if (producerIds.isEmpty()) {
      return found;
    }
    Map<String, Long> names = names(producerIds);
    if (names.isEmpty()) {
      return found;
    }
    DescribeTransactionsResult described =
        admin.describeTransactions(
            names.keySet(), new DescribeTransactionsOptions().timeoutMs(answers.leftMillis()));
    names.forEach(
        (name, id) -> {
          var transaction = orNull(described.description(name));
          OptionalLong began =
              transaction == null ? OptionalLong.empty() : transaction.transactionStartTimeMs();
          long age = began.isPresent() ? Math.max(0, now - began.getAsLong()) : 0;
          long timeout = transaction == null ? 0 : transaction.transactionTimeoutMs();
          found.put(
              id,
              new Described(
                  new OpenTransaction(name, id, age, timeout),
                  transaction == null ? null : transaction.topicPartitions()));
        });
    return found;
  }

  /**
   * Transactional ids of the producers. Each broker's answer counts by itself: a silent broker
   * hides only the transactions that it coordinates.
   */
  private Map<String, Long> names(Set<Long> producerIds) {
    Map<String, Long> names = new HashMap<>();
    ListTransactionsOptions ofThem =
        new ListTransactionsOptions()
            .filterProducerIds(producerIds)
            .timeoutMs(answers.leftMillis());
    var byBroker = orNull(admin.listTransactions(ofThem).byBrokerId());
    listedAll = byBroker != null;
    if (byBroker != null) {
      for (var listed : byBroker.values()) {
        Collection<TransactionListing> listing = orNull(listed);
        listedAll &= listing != null;
        if (listing != null) {
          listing.forEach(each -> names.put(each.transactionalId(), each.producerId()));
        }
      }
    }
    return names;
  }

  private <T> @Nullable T orNull(KafkaFuture<T> answer) {
    try {
      return answers.get(answer);
    } catch (InterruptException e) {
      throw e;
    } catch (KafkaException e) {
      LOG.debug("what holds back a last stable offset was not found", e);
      return null;
    }
  }
}
