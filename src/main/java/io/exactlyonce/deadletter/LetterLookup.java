package io.exactlyonce.deadletter;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Finds dead letters by their positions. The positions come from headers that anybody can write, so
 * none may cost more than a look: one that does not exist, or is not committed, is not found.
 *
 * <p>One thread at a time, but for {@link #wakeUp}. The consumer is opened by the first look-up,
 * which most pipelines never make, and kept, since a replay asks poll after poll.
 */
public final class LetterLookup implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(200);

  private static final NavigableSet<Long> NOTHING = new TreeSet<>();

  /** Gap in offsets up to which reading on is faster than a seek. */
  private static final int NEAR = 2_000;

  private final Supplier<Consumer<byte[], byte[]>> consumers;
  private final Duration patience;
  private volatile @Nullable Consumer<byte[], byte[]> open;

  /**
   * @param consumers makes read_committed consumers without a group
   * @param patience how long a look-up may make no progress
   */
  public LetterLookup(Supplier<Consumer<byte[], byte[]>> consumers, Duration patience) {
    this.consumers = consumers;
    this.patience = patience;
  }

  /**
   * @param wanted positions in one topic
   * @throws org.apache.kafka.common.KafkaException where the broker does not answer
   */
  public Map<RecordPosition, Letter> find(Collection<RecordPosition> wanted) {
    Map<RecordPosition, Letter> found = new HashMap<>();
    if (wanted.isEmpty()) {
      return found;
    }
    if (open == null) {
      open = consumers.get();
    }
    find(open, wanted, found);
    return found;
  }

  private void find(
      Consumer<byte[], byte[]> consumer,
      Collection<RecordPosition> wanted,
      Map<RecordPosition, Letter> found) {
    String topic = wanted.iterator().next().partition().topic();
    // The client waits a minute for offsets of a partition that does not exist.
    Set<TopicPartition> existing =
        consumer.partitionsFor(topic, patience).stream()
            .map(info -> new TopicPartition(topic, info.partition()))
            .collect(Collectors.toCollection(HashSet::new));
    Map<TopicPartition, NavigableSet<Long>> offsets = new HashMap<>();
    wanted.stream()
        .filter(at -> existing.contains(at.partition()))
        .forEach(
            at -> offsets.computeIfAbsent(at.partition(), p -> new TreeSet<>()).add(at.offset()));
    Map<TopicPartition, Long> begin = consumer.beginningOffsets(offsets.keySet(), patience);
    // Of a read_committed consumer these are the last stable offsets.
    Map<TopicPartition, Long> end = consumer.endOffsets(offsets.keySet(), patience);
    offsets.replaceAll(
        (partition, all) -> new TreeSet<>(all.subSet(begin.get(partition), end.get(partition))));
    offsets.values().removeIf(NavigableSet::isEmpty);
    consumer.assign(offsets.keySet());
    // The last look-up left them paused.
    consumer.resume(offsets.keySet());
    offsets.forEach((partition, all) -> consumer.seek(partition, all.first()));
    read(consumer, offsets, found);
  }

  private void read(
      Consumer<byte[], byte[]> consumer,
      Map<TopicPartition, NavigableSet<Long>> wanted,
      Map<RecordPosition, Letter> found) {
    long progress = System.nanoTime();
    while (!wanted.isEmpty()) {
      ConsumerRecords<byte[], byte[]> polled = consumer.poll(POLL);
      for (ConsumerRecord<byte[], byte[]> record : polled) {
        RecordPosition at = RecordPosition.of(record);
        if (wanted.getOrDefault(at.partition(), NOTHING).contains(at.offset())) {
          found.put(at, new Letter(record));
        }
      }
      for (TopicPartition partition : polled.nextOffsets().keySet()) {
        progress = System.nanoTime();
        moveOn(consumer, partition, wanted);
      }
      if (System.nanoTime() - progress > patience.toNanos()) {
        throw new TimeoutException(
            wanted.keySet()
                + ": no progress in reading dead letters for "
                + patience.toMillis()
                + "ms");
      }
    }
  }

  /** Takes out the offsets below the position: found, or control records, or compacted away. */
  private void moveOn(
      Consumer<byte[], byte[]> consumer,
      TopicPartition partition,
      Map<TopicPartition, NavigableSet<Long>> wanted) {
    NavigableSet<Long> left = wanted.get(partition);
    if (left == null) {
      return;
    }
    long position = consumer.position(partition, patience);
    left.headSet(position).clear();
    if (left.isEmpty()) {
      wanted.remove(partition);
      consumer.pause(List.of(partition));
    } else if (position < left.first() - NEAR) {
      consumer.seek(partition, left.first());
    }
  }

  /** Has a look-up under way fail. From any thread. */
  public void wakeUp() {
    Consumer<byte[], byte[]> busy = open;
    if (busy != null) {
      busy.wakeup();
    }
  }

  @Override
  public void close() {
    if (open != null) {
      open.close(CloseOptions.timeout(Duration.ZERO));
      open = null;
    }
  }
}
