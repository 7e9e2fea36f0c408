package io.exactlyonce.guard.claimlog;

import static java.util.Objects.requireNonNull;
import static org.apache.kafka.clients.admin.TransactionState.COMPLETE_ABORT;
import static org.apache.kafka.clients.admin.TransactionState.COMPLETE_COMMIT;
import static org.apache.kafka.clients.admin.TransactionState.EMPTY;

import io.exactlyonce.receipt.BoundedClose;
import io.exactlyonce.receipt.Generation;
import io.exactlyonce.receipt.LogOffsets;
import io.exactlyonce.receipt.LogReader;
import io.exactlyonce.receipt.Receipt;
import io.exactlyonce.receipt.ReceiptReader;
import java.time.Duration;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TransactionalIdNotFoundException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the newest generation of claims in the receipts, reading backwards from their end. Every
 * partition holds each announcement, and the receipts that workers write after it carry its
 * generation. So it is found near the end of each partition, however long the log is.
 *
 * <p>Also finds out whether workers without a guard wrote receipts after it, among those that are
 * read.
 *
 * <p>Receipts are read uncommitted: otherwise the open transaction of a worker that died would hold
 * up all others. A worker's receipt carries a generation that was the newest when the worker
 * adopted it, whether its transaction commits or not. Only an announcement must be committed to
 * count.
 *
 * @param id transactional id of the announcements
 */
record KafkaClaimLogNewest(
    LogOffsets offsets,
    Supplier<Consumer<byte[], byte[]>> committed,
    Supplier<Consumer<byte[], byte[]>> uncommitted,
    String id,
    String receipts) {
  private static final Logger LOG = LoggerFactory.getLogger(KafkaClaimLogNewest.class);
  private static final Set<TransactionState> CLOSED =
      EnumSet.of(EMPTY, COMPLETE_COMMIT, COMPLETE_ABORT);
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final long PAUSE_NANOS = 20_000_000;

  /** Offsets per partition that are read in the first attempt. */
  private static final long FIRST_SPAN = 100;

  /** Offsets per partition that are read at most. */
  private static final long MAX_SPAN = 10_000;

  /**
   * The newest generation, and a receipt that lacks it.
   *
   * @param generation the newest; empty where none is found
   * @param unguarded position of a receipt after it, or anywhere where none is found, of records
   *     that were processed without a guard; empty where there is none
   */
  record Found(String generation, String unguarded) {}

  /** The position of an announcement. */
  private record Place(TopicPartition partition, long offset) {}

  /** The generations and unguarded receipts among the receipts that were read. */
  private static final class Seen {
    /** First announcement of each generation, by partition. */
    private final Map<String, Map<TopicPartition, Long>> begun = new HashMap<>();

    /** Generations that a worker's receipt carries. */
    private final Set<String> carried = new HashSet<>();

    /** Last receipt of records that were processed without a guard, by partition. */
    private final Map<TopicPartition, Long> unguarded = new HashMap<>();

    /**
     * Position of an unguarded receipt after the generation's announcement in its partition. Every
     * partition holds one: where it was not read it lies before the receipts that were.
     */
    String unguardedBehind(String generation) {
      Map<TopicPartition, Long> begins = begun.getOrDefault(generation, Map.of());
      return unguarded.entrySet().stream()
          .filter(e -> e.getValue() > begins.getOrDefault(e.getKey(), -1L))
          .map(e -> e.getKey() + "@" + e.getValue())
          .sorted()
          .findFirst()
          .orElse("");
    }
  }

  /**
   * Reads longer and longer stretches until a generation is found, up to a bound.
   *
   * @throws TimeoutException where an announcement stays open
   */
  Found read() {
    awaitClosed();
    List<TopicPartition> partitions = offsets.partitions(List.of(receipts));
    Map<TopicPartition, Long> begins = offsets.earliest(partitions);
    Map<TopicPartition, Long> ends = offsets.latest(partitions);
    try (BoundedClose<Consumer<byte[], byte[]>> consumer = BoundedClose.of(uncommitted.get())) {
      LogReader reader = new LogReader(consumer.client(), PATIENCE);
      for (long span = FIRST_SPAN; ; span *= 10) {
        Map<TopicPartition, Long> from = new HashMap<>(begins);
        long most = span;
        from.replaceAll(
            (partition, begin) -> Math.max(begin, requireNonNull(ends.get(partition)) - most));
        Seen seen = seen(reader, from, ends);
        String newest = newest(seen);
        if (!newest.isEmpty() || span >= MAX_SPAN || from.equals(begins)) {
          return new Found(newest, seen.unguardedBehind(newest));
        }
      }
    }
  }

  private void awaitClosed() {
    long began = System.nanoTime();
    while (isOpen()) {
      if (System.nanoTime() - began > PATIENCE.toNanos()) {
        throw new TimeoutException(
            "another instance is announcing a generation of claims: its transaction "
                + id
                + " is still open after "
                + PATIENCE.toSeconds()
                + " s");
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  private boolean isOpen() {
    try {
      return !CLOSED.contains(
          offsets.get(offsets.admin().describeTransactions(List.of(id)).description(id)).state());
    } catch (TransactionalIdNotFoundException e) { // never used, or not for days
      return false;
    }
  }

  private static Seen seen(
      LogReader reader, Map<TopicPartition, Long> from, Map<TopicPartition, Long> to) {
    Seen seen = new Seen();
    reader.read(
        from,
        to,
        record -> {
          maybeSee(record, seen);
          return true;
        });
    return seen;
  }

  /** Leaves out records that are no receipts; the audit reports them. */
  private static void maybeSee(ConsumerRecord<byte[], byte[]> record, Seen seen) {
    try {
      if (record.value() != null) {
        see(record, ReceiptReader.read(record.value()), seen);
      }
    } catch (IllegalArgumentException e) {
      LOG.debug("{}-{}@{}: {}", record.topic(), record.partition(), record.offset(), e.toString());
    }
  }

  private static void see(ConsumerRecord<byte[], byte[]> record, Receipt receipt, Seen seen) {
    TopicPartition partition = new TopicPartition(record.topic(), record.partition());
    String begun = Generation.begunBy(receipt);
    if (!receipt.generation().isEmpty()) {
      seen.carried.add(receipt.generation());
    } else if (!begun.isEmpty()) {
      seen.begun
          .computeIfAbsent(begun, generation -> new HashMap<>())
          .putIfAbsent(partition, record.offset());
    } else if (receipt.spans().stream().anyMatch(KafkaClaimLogNewest::hasProcessed)) {
      seen.unguarded.put(partition, record.offset());
    }
  }

  /** Whether records were processed; rewinds and records that were given up do not count. */
  private static boolean hasProcessed(Receipt.Span span) {
    return span.processed() > 0
        || span.skipped() > 0
        || !span.deadLetters().isEmpty()
        || !span.delayed().isEmpty();
  }

  private String newest(Seen seen) {
    Set<String> all = new HashSet<>(seen.carried);
    all.addAll(seen.begun.keySet());
    return all.stream()
        .sorted(Comparator.comparingLong(Generation::number).reversed())
        .filter(generation -> seen.carried.contains(generation) || isCommitted(seen, generation))
        .findFirst()
        .orElse("");
  }

  private boolean isCommitted(Seen seen, String generation) {
    Map.Entry<TopicPartition, Long> any =
        requireNonNull(seen.begun.get(generation)).entrySet().iterator().next();
    return isCommitted(new Place(any.getKey(), any.getValue()));
  }

  private boolean isCommitted(Place place) {
    boolean[] isThere = {false};
    try (BoundedClose<Consumer<byte[], byte[]>> consumer = BoundedClose.of(committed.get())) {
      new LogReader(consumer.client(), PATIENCE)
          .read(
              Map.of(place.partition(), place.offset()),
              Map.of(place.partition(), place.offset() + 1),
              record -> isThere[0] = true);
    }
    return isThere[0];
  }
}
