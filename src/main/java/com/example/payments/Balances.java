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
 * The balance of every account, in memory: a view of the ledger that is read anew at each start and
 * follows what is committed. While it reads, a balance is what the lines read so far add up to.
 *
 * <p>Every instance wants the whole ledger, so each start is a group of its own, which commits no
 * offsets and which the broker forgets when the instance has gone.
 */
@KafkaListener(
    groupId = "${micronaut.application.name}-balances",
    uniqueGroupId = true,
    isolation = IsolationLevel.READ_COMMITTED,
    offsetReset = OffsetReset.EARLIEST,
    offsetStrategy = OffsetStrategy.DISABLED,
    errorStrategy = @ErrorStrategy(ErrorStrategyValue.RESUME_AT_NEXT_RECORD),
    properties = {
      // The pipeline decides how the ledger is created; a reader must not, by asking for it.
      @Property(name = "allow.auto.create.topics", value = "false"),
      @Property(name = "metadata.max.age.ms", value = "10000")
    })
public class Balances implements ConsumerSeekAware, KafkaListenerExceptionHandler {
  private static final Logger LOG = LoggerFactory.getLogger(Balances.class);

  /** Apart, so that one partition can be counted anew. Guarded by this. */
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

  /** Called for what {@link #read} is never given: a record that does not decode. */
  @Override
  public void handle(KafkaListenerException failure) {
    // Not the cause itself: a decoder's message quotes the record.
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
