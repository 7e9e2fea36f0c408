package io.exactlyonce.explain;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * Finds the records that a transaction wrote for one of its source records. Its receipt names the
 * topics and the end of the transaction, and the worker's receipt before it bounds its beginning,
 * so only records of that time are read. Where none is found, clocks may differ, and a wider range
 * is read.
 */
final class WrittenSearch {
  /**
   * Time before and after the transaction that is read, for clocks that differ more and more: the
   * worker's alone, those of brokers, any.
   */
  private static final List<Duration> AROUND =
      List.of(Duration.ofMillis(250), Duration.ofSeconds(5), Duration.ofMinutes(10));

  /** Limit of offsets that are read, except with the first of these times. */
  private static final long MAX_AROUND = 1_000_000;

  private final Log log;

  WrittenSearch(Log log) {
    this.log = log;
  }

  /**
   * Finds the records in the smallest range that has any; empty where none has.
   *
   * @param topics selects from the topics that the transaction wrote to
   * @param wanted the records that are looked for
   */
  List<ConsumerRecord<byte[], byte[]>> find(
      Account account, Predicate<String> topics, Predicate<ConsumerRecord<byte[], byte[]>> wanted) {
    List<String> named =
        account.receipt().outputs().keySet().stream().filter(topics).sorted().toList();
    List<TopicPartition> partitions = log.partitions(named);
    long end = account.receipt().millis();
    for (Duration around : AROUND) {
      List<ConsumerRecord<byte[], byte[]>> found =
          between(
              partitions,
              account.notBefore() - around.toMillis(),
              end + around.toMillis(),
              around.equals(AROUND.get(0)) ? Long.MAX_VALUE : MAX_AROUND,
              wanted);
      if (!found.isEmpty()) {
        return found;
      }
    }
    return List.of();
  }

  /**
   * The wanted records from one time to before another, both in ms since the epoch.
   *
   * @param most nothing is read where the range has more offsets
   */
  List<ConsumerRecord<byte[], byte[]>> between(
      List<TopicPartition> partitions,
      long begin,
      long end,
      long most,
      Predicate<ConsumerRecord<byte[], byte[]>> wanted) {
    List<ConsumerRecord<byte[], byte[]>> found = new ArrayList<>();
    Map<TopicPartition, Long> from = log.since(partitions, begin);
    Map<TopicPartition, Long> to = log.since(partitions, end);
    if (Log.count(from, to) <= most) {
      log.read(
          from,
          to,
          record -> {
            if (wanted.test(record)) {
              found.add(record);
            }
            return true;
          });
    }
    return found;
  }
}
