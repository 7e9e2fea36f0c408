package io.exactlyonce.deadletter;

import static java.util.Objects.requireNonNull;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.header.Headers;

/**
 * The transactions of a replay: in each the records, the list of letters that they come from, and
 * the offsets of the replay's group. A transaction begins with its first record and is bounded.
 *
 * <p>The group has no members. Two replays are kept apart by the transactional id: the later takes
 * it over from the earlier and aborts what that left open.
 */
final class ReplayTransactions implements AutoCloseable {
  private static final int MAX_LETTERS = 1_000;
  private static final long MAX_BYTES = 8L << 20;
  private static final long MAX_NANOS = 1_000_000_000;

  private final Producer<byte[], byte[]> producer;
  private final Supplier<ConsumerGroupMetadata> group;
  private final ReplayScope scope;
  private final Clock clock;
  private final List<RecordPosition> letters = new ArrayList<>();
  private final AtomicReference<KafkaException> failure = new AtomicReference<>();
  private long bytes;
  private long began;

  /**
   * @param group metadata of a consumer that has the replay's group and no membership
   */
  ReplayTransactions(
      Producer<byte[], byte[]> producer,
      Supplier<ConsumerGroupMetadata> group,
      ReplayScope scope,
      Clock clock) {
    this.producer = producer;
    this.group = group;
    this.scope = scope;
    this.clock = clock;
  }

  /** Takes the transactional id over: nothing of an earlier replay is undecided then. */
  void init() {
    producer.initTransactions();
  }

  /**
   * Sends the letter's record to the partition that it was read from, where its upstream producer
   * had put it.
   *
   * @param letter one that says where it was read from
   */
  void send(Letter letter) {
    if (letters.isEmpty()) {
      producer.beginTransaction();
      began = System.nanoTime();
    }
    RecordPosition source = requireNonNull(letter.source());
    Headers headers = letter.ownHeaders();
    new Replayed(letter.at(), source, letter.topicId()).mark(headers);
    byte[] key = letter.record().key();
    byte[] value = letter.record().value();
    letters.add(letter.at());
    bytes += (key == null ? 0 : key.length) + (value == null ? 0 : value.length);
    // With the present time: by its old timestamp retention could delete it before it is read.
    producer.send(
        new ProducerRecord<>(
            source.partition().topic(), source.partition().partition(), null, key, value, headers),
        (metadata, exception) -> {
          if (exception != null) {
            failure.compareAndSet(
                null,
                new KafkaException(
                    letter.at() + " cannot be written to " + source.partition() + ": " + exception,
                    exception));
          }
        });
  }

  boolean isDue() {
    return letters.size() >= MAX_LETTERS
        || bytes >= MAX_BYTES
        || (!letters.isEmpty() && System.nanoTime() - began > MAX_NANOS);
  }

  boolean isOpen() {
    return !letters.isEmpty();
  }

  /**
   * Commits what was sent, with its list and the frontiers.
   *
   * @param frontiers per partition, the offset below which every letter was replayed
   * @return how many letters it committed
   * @throws KafkaException where it did not commit, or its outcome is unknown; the next replay
   *     finds out
   */
  int commit(ReplayLog log, Map<TopicPartition, Long> frontiers) {
    int committed = letters.size();
    try {
      log.records(letters, clock.millis()).forEach(producer::send);
      Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
      frontiers.forEach(
          (partition, offset) ->
              offsets.put(partition, new OffsetAndMetadata(offset, log.lettersId())));
      producer.flush();
      if (failure.get() != null) {
        throw failure.get();
      }
      producer.sendOffsetsToTransaction(offsets, group.get());
      producer.commitTransaction();
    } catch (ProducerFencedException | InvalidProducerEpochException e) {
      throw new KafkaException(
          "another replay of group " + scope.group() + " began and took over; let that one end", e);
    }
    letters.clear();
    bytes = 0;
    return committed;
  }

  /** Closes the producer, which aborts what is open; else the next replay does, or a time-out. */
  @Override
  public void close() {
    producer.close(Duration.ofSeconds(5));
  }
}
