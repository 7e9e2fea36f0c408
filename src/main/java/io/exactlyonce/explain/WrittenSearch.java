package io.exactlyonce.explain;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * Finds what a transaction wrote for one of its records. The receipt says which topics it wrote to
 * and when it ended, and the worker's receipt before it when it began at the earliest; so only the
 * records of that time are read. Where the brokers' or other writers' clocks put them elsewhere,
 * more is read around it.
 */
final class WrittenSearch {
  /** Around the transaction: its writer's own clock, then the brokers', then anybody's. */
  private static final List<Duration> AROUND =
      List.of(Duration.ofMillis(250), Duration.ofSeconds(5), Duration.ofMinutes(10));

  /** More records than these are read for the first of the stretches alone. */
  private static final long MAX_AROUND = 1_000_000;

  private final Log log;

  WrittenSearch(Log log) {
    this.log = log;
  }

  /**
   * @param topics which of those that the transaction wrote to
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
   * Records of a time.
   *
   * @param most nothing is read where it would be more
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
