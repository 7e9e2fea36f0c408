package io.exactlyonce.cli.load;

import io.exactlyonce.cli.common.SendRate;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;

/** Sends rows and keeps their outcomes: records are acknowledged, or the load has failed. */
final class Sender {
  /** A record that the broker did not take. */
  record Failure(RowReader.Row row, Exception cause) {}

  private static final Duration LAST_WORDS = Duration.ofSeconds(5);

  private final Producer<byte[], byte[]> producer;
  private final String topic;
  private final String idHeader;
  private final SendRate sendRate;
  private final LoadCounts counts;
  // Set by the producer's thread and by the loading one; the first failure is kept.
  private final AtomicReference<Failure> failure = new AtomicReference<>();

  Sender(
      Producer<byte[], byte[]> producer,
      String topic,
      String idHeader,
      SendRate sendRate,
      LoadCounts counts) {
    this.producer = producer;
    this.topic = topic;
    this.idHeader = idHeader;
    this.sendRate = sendRate;
    this.counts = counts;
  }

  /**
   * Waits for the rate limit and hands the row to the producer; {@link #failure} has the first one
   * that was refused.
   */
  void send(RowReader.Row row) {
    send(row, Optional.empty(), counts.sent());
  }

  void sendAgain(Duplicates.Copy copy) {
    send(copy.row(), copy.partition(), counts.duplicates());
  }

  /** The first record that the broker did not take; empty where there is none. */
  Optional<Failure> failure() {
    return Optional.ofNullable(failure.get());
  }

  /**
   * Waits until every record is acknowledged or has failed, and closes the producer. After a
   * failure it waits for 5 seconds at most; records without an answer by then fail.
   */
  void finish() {
    if (failure().isEmpty()) {
      producer.flush();
    }
    producer.close(LAST_WORDS);
  }

  private void send(RowReader.Row row, Optional<Integer> partition, AtomicLong acknowledged) {
    ProducerRecord<byte[], byte[]> toSend =
        new ProducerRecord<>(topic, partition.orElse(null), row.key(), row.value());
    toSend.headers().add(idHeader, row.id().getBytes(StandardCharsets.UTF_8));
    sendRate.await();
    try {
      producer.send(
          toSend,
          (metadata, refused) -> {
            if (refused == null) {
              acknowledged.incrementAndGet();
            } else {
              failure.compareAndSet(null, new Failure(row, refused));
            }
          });
    } catch (KafkaException refused) {
      failure.compareAndSet(null, new Failure(row, refused));
    }
  }
}
