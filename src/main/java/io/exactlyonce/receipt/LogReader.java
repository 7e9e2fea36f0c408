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
 * Reads ranges of partitions with a read_committed consumer without a group.
 *
 * <p>A range that ends at a high watermark is read only once every transaction below it is decided:
 * the consumer waits at the last stable offset. So ranges of several topics that end at their high
 * watermarks are consistent with each other.
 *
 * @param stall longest time without a record before the reading is given up; more than the longest
 *     transaction time-out
 * @param progress takes the number of records of each poll
 */
public record LogReader(Consumer<byte[], byte[]> consumer, Duration stall, IntConsumer progress) {
  private static final Duration POLL = Duration.ofMillis(200);

  /** A reader that reports no progress. */
  public LogReader(Consumer<byte[], byte[]> consumer, Duration stall) {
    this(consumer, stall, records -> {});
  }

  /** Takes the records, in offset order per partition. */
  @FunctionalInterface
  public interface Visitor {
    /** Takes a record; false ends the reading. */
    boolean visit(ConsumerRecord<byte[], byte[]> record);
  }

  /**
   * Reads the ranges, until their ends or until the visitor ends it.
   *
   * @param from first offset of each partition; 0 where it is absent
   * @param to one past the last offset of each partition; partitions without one are not read
   * @throws TimeoutException where nothing arrives for {@code stall}: a transaction is undecided,
   *     or the broker silent
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

  /**
   * Ends the reading of partitions that are read to their ends; false where there are none. It goes
   * by the consumer's position, since the last offsets may be markers, which are no records.
   */
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
