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
  private static final Duration BEFORE = Duration.ofMillis(50);
  private static final Duration AFTER = Duration.ofSeconds(1);
  private static final Duration AROUND = Duration.ofMinutes(10);

  /** Records around the transaction: beyond them it is not looked for further. */
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
    List<ConsumerRecord<byte[], byte[]>> found =
        between(
            partitions,
            account.notBefore() - BEFORE.toMillis(),
            end + AFTER.toMillis(),
            Long.MAX_VALUE,
            wanted);
    return found.isEmpty()
        ? between(partitions, end - AROUND.toMillis(), end + AROUND.toMillis(), MAX_AROUND, wanted)
        : found;
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
