package com.example.payments;

import static java.util.Objects.requireNonNull;

import io.micronaut.configuration.kafka.ConsumerSeekAware;
import io.micronaut.configuration.kafka.annotation.ErrorStrategy;
import io.micronaut.configuration.kafka.annotation.ErrorStrategyValue;
import io.micronaut.configuration.kafka.annotation.KafkaListener;
import io.micronaut.configuration.kafka.annotation.OffsetReset;
import io.micronaut.configuration.kafka.annotation.OffsetStrategy;
import io.micronaut.configuration.kafka.annotation.Topic;
import io.micronaut.configuration.kafka.exceptions.KafkaListenerException;
import io.micronaut.configuration.kafka.exceptions.KafkaListenerExceptionHandler;
import io.micronaut.configuration.kafka.seek.KafkaSeekOperation;
import io.micronaut.configuration.kafka.seek.KafkaSeeker;
import io.micronaut.context.annotation.Property;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Balances of all accounts, in memory: the sums of the ledger's committed lines. The ledger is read
 * from its beginning at each start, and until it has been read a balance is the sum of the lines
 * read so far.
 *
 * <p>Every instance reads the whole ledger, so each start makes a consumer group of its own. It
 * commits no offsets, and the broker deletes it after the instance has ended.
 */
@KafkaListener(
    groupId = "${micronaut.application.name}-balances",
    uniqueGroupId = true,
    isolation = IsolationLevel.READ_COMMITTED,
    offsetReset = OffsetReset.EARLIEST,
    offsetStrategy = OffsetStrategy.DISABLED,
    errorStrategy = @ErrorStrategy(ErrorStrategyValue.RESUME_AT_NEXT_RECORD),
    properties = {
      // The pipeline creates the ledger, with its own settings; a reader's request must not create
      // it.
      @Property(name = "allow.auto.create.topics", value = "false"),
      @Property(name = "metadata.max.age.ms", value = "10000")
    })
public class Balances implements ConsumerSeekAware, KafkaListenerExceptionHandler {
  private static final Logger LOG = LoggerFactory.getLogger(Balances.class);

  /**
   * Balances by account, separate by partition so that one partition can be counted anew. Guarded
   * by this.
   */
  private final Map<Integer, Map<String, Balance>> byPartition = new HashMap<>();

  /** Guarded by this. */
  private long unreadable;

  /** The account's balance, if the ledger has a line of it. */
  public synchronized Optional<Balance> of(String account) {
    return byPartition.values().stream()
        .map(balances -> balances.get(account))
        .filter(balance -> balance != null)
        .reduce(Balance::plus);
  }

  /** How many ledger records were passed over since the start because they are no ledger lines. */
  public synchronized long unreadable() {
    return unreadable;
  }

  @Topic("ledger")
  synchronized void read(ConsumerRecord<String, LedgerEntry> line) {
    LedgerEntry entry = line.value();
    if (entry == null || !entry.isComplete()) {
      passOver(line, "it lacks account, cents or currency");
      return;
    }
    byPartition
        .computeIfAbsent(line.partition(), p -> new HashMap<>())
        .compute(
            entry.account(),
            (account, sum) -> (sum == null ? Balance.none(account) : sum).plus(entry));
  }

  /** A partition that comes, or comes back after a rebalance, is counted from its beginning. */
  @Override
  public synchronized void onPartitionsAssigned(
      Collection<TopicPartition> partitions, KafkaSeeker seeker) {
    partitions.forEach(partition -> byPartition.remove(partition.partition()));
    KafkaSeekOperation.seekToBeginning(partitions).forEach(seeker::perform);
  }

  /** Passes over a record that does not decode; {@link #read} is not called for it. */
  @Override
  public void handle(KafkaListenerException failure) {
    // Only the class: the message of a decoder quotes the record.
    String cause = requireNonNull(failure.getCause()).getClass().getSimpleName();
    failure
        .getConsumerRecord()
        .ifPresentOrElse(
            line -> passOver(line, cause),
            () -> LOG.warn("the ledger could not be read: {}", cause));
  }

  private synchronized void passOver(ConsumerRecord<?, ?> line, String reason) {
    unreadable++;
    LOG.warn(
        "passed over {}-{}@{}, which is no ledger line: {}",
        line.topic(),
        line.partition(),
        line.offset(),
        reason);
  }
}
