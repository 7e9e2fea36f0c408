package io.exactlyonce.deadletter;

import static java.util.Objects.requireNonNull;

import io.exactlyonce.receipt.LogReader;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * Reads a topic of dead letters backwards in stretches of growing length, until there are enough or
 * the time is over. A stretch is a part of all partitions. One that is not read whole is dropped,
 * since its older letters are read first.
 */
final class LettersBackwards {
  private static final int MIN_STRETCH = 100;
  private static final int MAX_STRETCH = 20_000;

  /** How far the clock of a letter's instance may be from that of its record, maybe a broker's. */
  private static final Duration CLOCKS_APART = Duration.ofMinutes(10);

  /** Receives the records of one stretch after the other, in offset order per partition. */
  interface Visitor {
    void visit(int stretch, ConsumerRecord<byte[], byte[]> record);

    /** Drops a stretch that was not read whole. */
    void forget(int stretch);

    boolean hasEnough();
  }

  private final Consumer<byte[], byte[]> consumer;
  private final String topic;
  private final Duration bound;
  private final long endNanos;
  private final Map<TopicPartition, Long> first = new HashMap<>();

  /** The offsets from which on all was read. */
  private final Map<TopicPartition, Long> reached = new HashMap<>();

  LettersBackwards(Consumer<byte[], byte[]> consumer, String topic, Duration bound) {
    this.consumer = consumer;
    this.topic = topic;
    this.bound = bound;
    this.endNanos = System.nanoTime() + bound.toNanos();
  }

  /**
   * Reads until the visitor has enough, or the time is over.
   *
   * @throws TimeoutException where not even the first stretch was read in time
   */
  void read(LetterLook.Wanted wanted, Visitor visitor) {
    findEnds(wanted);
    long length = Math.max(MIN_STRETCH, 2L * wanted.limit()); // each may have a marker
    for (int stretch = 0; !visitor.hasEnough(); stretch++) {
      Map<TopicPartition, Long> from = new HashMap<>();
      for (Map.Entry<TopicPartition, Long> end : reached.entrySet()) {
        long begin = requireNonNull(first.get(end.getKey()));
        if (end.getValue() > begin) {
          from.put(end.getKey(), Math.max(begin, end.getValue() - length));
        }
      }
      if (from.isEmpty() || !maybeRead(stretch, from, visitor)) {
        return;
      }
      length = Math.min(MAX_STRETCH, 2 * length);
    }
  }

  private void findEnds(LetterLook.Wanted wanted) {
    List<PartitionInfo> known = consumer.partitionsFor(topic, left());
    if (known == null || known.isEmpty()) {
      throw new UnknownTopicOrPartitionException("topic " + topic + " does not exist");
    }
    List<TopicPartition> partitions =
        known.stream()
            .map(info -> new TopicPartition(topic, info.partition()))
            .filter(
                part -> wanted.before().isEmpty() || wanted.before().containsKey(part.partition()))
            .toList();
    first.putAll(consumer.beginningOffsets(partitions, left()));
    // The last stable offsets, since the consumer is read_committed.
    consumer
        .endOffsets(partitions, left())
        .forEach(
            (part, end) ->
                reached.put(
                    part, Math.min(end, wanted.before().getOrDefault(part.partition(), end))));
    if (wanted.filter().since() != null) {
      skipOlder(wanted.filter().since().minus(CLOCKS_APART));
    }
  }

  private void skipOlder(Instant since) {
    long millis = Math.max(0, since.toEpochMilli());
    Map<TopicPartition, OffsetAndTimestamp> found =
        consumer.offsetsForTimes(
            first.keySet().stream().collect(Collectors.toMap(part -> part, part -> millis)),
            left());
    first.replaceAll(
        (part, begin) -> {
          OffsetAndTimestamp at = found.get(part);
          return at == null ? requireNonNull(reached.get(part)) : Math.max(begin, at.offset());
        });
  }

  /** Reads one stretch; false where the time is over. */
  private boolean maybeRead(int stretch, Map<TopicPartition, Long> from, Visitor visitor) {
    Map<TopicPartition, Long> to = new HashMap<>(reached);
    to.keySet().retainAll(from.keySet());
    if (!isReadWhole(stretch, from, to, visitor)) {
      visitor.forget(stretch);
      if (stretch == 0) {
        throw new TimeoutException(
            String.format(
                "the newest letters of %s were not read within %d s; ask for fewer of them (limit),"
                    + " or use the command letters",
                topic, bound.toSeconds()));
      }
      return false;
    }
    reached.putAll(from);
    return true;
  }

  private boolean isReadWhole(
      int stretch, Map<TopicPartition, Long> from, Map<TopicPartition, Long> to, Visitor visitor) {
    boolean[] isOver = {false};
    try {
      new LogReader(consumer, left())
          .read(
              from,
              to,
              record -> {
                visitor.visit(stretch, record);
                isOver[0] = System.nanoTime() - endNanos >= 0;
                return !isOver[0];
              });
    } catch (TimeoutException e) { // nothing came for the rest of the time
      return false;
    }
    return !isOver[0];
  }

  private Duration left() {
    return Duration.ofNanos(Math.max(1, endNanos - System.nanoTime()));
  }

  /**
   * Where a later look goes on.
   *
   * @param left highest offset per partition of a letter that fits and was not kept
   */
  Map<Integer, Long> rest(Map<Integer, Long> left) {
    Map<Integer, Long> rest = new TreeMap<>();
    reached.forEach(
        (part, offset) -> {
          Long shownNot = left.get(part.partition());
          long next = shownNot == null ? offset : shownNot + 1;
          if (next > requireNonNull(first.get(part))) {
            rest.put(part.partition(), next);
          }
        });
    return rest;
  }
}
