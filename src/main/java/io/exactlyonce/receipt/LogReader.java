package io.exactlyonce.receipt;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntConsumer;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;

/**
 * Reads stretches of partitions with a read_committed consumer without a group.
 *
 * <p>A stretch that ends at a high watermark is read only once every transaction below it is
 * decided: the consumer waits at the last stable offset. That is what makes a cut through several
 * topics consistent.
 *
 * @param stall how long nothing may arrive before the reading is given up; more than the longest
 *     transaction time-out
 * @param progress is told how many records each poll brought
 */
public record LogReader(Consumer<byte[], byte[]> consumer, Duration stall, IntConsumer progress) {
  private static final Duration POLL = Duration.ofMillis(200);

  /** Nobody looks on. */
  public LogReader(Consumer<byte[], byte[]> consumer, Duration stall) {
    this(consumer, stall, records -> {});
  }

  /** Is shown records in offset order per partition. */
  @FunctionalInterface
  public interface Visitor {
    /** Whether to go on. */
    boolean visit(ConsumerRecord<byte[], byte[]> record);
  }

  /**
   * @param from first offset per partition
   * @param to one past the last; partitions that it lacks are not read
   * @throws TimeoutException where an undecided transaction, or a silent broker, is in the way
   */
  public void read(Map<TopicPartition, Long> from, Map<TopicPartition, Long> to, Visitor visitor) {
    Map<TopicPartition, Long> open = new HashMap<>(to);
    open.entrySet().removeIf(e -> from.getOrDefault(e.getKey(), 0L) >= e.getValue());
    consumer.assign(open.keySet());
    // An earlier reading of the same partitions left them paused.
    consumer.resume(open.keySet());
    open.keySet().forEach(partition -> consumer.seek(partition, from.getOrDefault(partition, 0L)));
    long movedAt = System.nanoTime();
    while (!open.isEmpty()) {
      ConsumerRecords<byte[], byte[]> polled = consumer.poll(POLL);
      progress.accept(polled.count());
      if (!visitAll(polled, open, visitor)) {
        return;
      }
      boolean closed = close(open);
      if (closed || !polled.isEmpty()) {
        movedAt = System.nanoTime();
      } else if (System.nanoTime() - movedAt > stall.toNanos()) {
        throw stalled(open);
      }
    }
  }

  private static boolean visitAll(
      ConsumerRecords<byte[], byte[]> polled, Map<TopicPartition, Long> open, Visitor visitor) {
    for (TopicPartition partition : polled.partitions()) {
      List<ConsumerRecord<byte[], byte[]>> records = polled.records(partition);
      long end = open.getOrDefault(partition, 0L);
      for (ConsumerRecord<byte[], byte[]> record : records) {
        if (record.offset() < end && !visitor.visit(record)) {
          return false;
        }
      }
    }
    return true;
  }

  /** Whether a partition was read to its end, which counts markers too: hence the position. */
  private boolean close(Map<TopicPartition, Long> open) {
    boolean closed = false;
    for (TopicPartition partition : List.copyOf(open.keySet())) {
      if (consumer.position(partition) >= requireNonNull(open.get(partition))) {
        open.remove(partition);
        consumer.pause(Set.of(partition));
        closed = true;
      }
    }
    return closed;
  }

  private TimeoutException stalled(Map<TopicPartition, Long> open) {
    TopicPartition partition = open.keySet().iterator().next();
    return new TimeoutException(
        String.format(
            "%s cannot be read from %d to %d: nothing for %d s; is a transaction open there?",
            partition, consumer.position(partition), open.get(partition), stall.toSeconds()));
  }
}
