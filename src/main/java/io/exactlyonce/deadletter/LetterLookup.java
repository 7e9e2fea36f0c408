package io.exactlyonce.deadletter;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;

/**
 * Finds dead letters by their positions. The positions come from headers that anybody can write, so
 * none of them may cost more than a look: what is not there, or not committed, is not found.
 *
 * @param consumers makes read_committed consumers without a group; each look-up closes its own
 * @param patience how long nothing may arrive
 */
public record LetterLookup(Supplier<Consumer<byte[], byte[]>> consumers, Duration patience) {
  private static final Duration POLL = Duration.ofMillis(200);

  /** Records that are sooner read over than sought past. */
  private static final int NEAR = 2_000;

  /**
   * @param wanted positions in one topic
   * @throws org.apache.kafka.common.KafkaException where the broker does not answer
   */
  public Map<At, Letter> find(Collection<At> wanted) {
    Map<At, Letter> found = new HashMap<>();
    if (wanted.isEmpty()) {
      return found;
    }
    try (Consumer<byte[], byte[]> consumer = consumers.get()) {
      String topic = wanted.iterator().next().partition().topic();
      // The client waits a minute for offsets of a partition that does not exist.
      Set<TopicPartition> existing =
          consumer.partitionsFor(topic, patience).stream()
              .map(info -> new TopicPartition(topic, info.partition()))
              .collect(Collectors.toCollection(HashSet::new));
      Map<TopicPartition, TreeSet<Long>> offsets = new HashMap<>();
      wanted.stream()
          .filter(at -> existing.contains(at.partition()))
          .forEach(
              at -> offsets.computeIfAbsent(at.partition(), p -> new TreeSet<>()).add(at.offset()));
      Map<TopicPartition, Long> begin = consumer.beginningOffsets(offsets.keySet(), patience);
      // Of a read_committed consumer these are the last stable offsets.
      Map<TopicPartition, Long> end = consumer.endOffsets(offsets.keySet(), patience);
      offsets.forEach(
          (partition, all) ->
              read(
                  consumer,
                  partition,
                  new TreeSet<>(all.subSet(begin.get(partition), end.get(partition))),
                  found));
    }
    return found;
  }

  private void read(
      Consumer<byte[], byte[]> consumer,
      TopicPartition partition,
      TreeSet<Long> wanted,
      Map<At, Letter> found) {
    consumer.assign(List.of(partition));
    long at = Long.MIN_VALUE;
    long progress = System.nanoTime();
    while (!wanted.isEmpty()) {
      if (at < wanted.first() - NEAR) { // at first always
        consumer.seek(partition, wanted.first());
      }
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL).records(partition)) {
        if (wanted.remove(record.offset())) {
          found.put(At.of(record), new Letter(record));
        }
      }
      long next = consumer.position(partition, patience);
      // What lies behind and was not met is a marker, or was compacted away.
      wanted.headSet(next).clear();
      if (next != at) {
        at = next;
        progress = System.nanoTime();
      } else if (System.nanoTime() - progress > patience.toNanos()) {
        throw new TimeoutException(partition + " cannot be read at " + next + " for " + patience);
      }
    }
  }
}
