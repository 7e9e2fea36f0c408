package io.exactlyonce.demo;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Realistic producer of payments: one payment in ten is sent again with the same event id, at once
 * or later, half of those to any partition; and a few records are poison.
 */
final class PaymentStream implements Runnable, AutoCloseable {
  static final String TOPIC = "payments";
  private static final int ACCOUNTS = 1_000;
  private static final int POISON_EVERY = 5_000;

  private final Producer<byte[], byte[]> producer;
  private final DemoOptions options;
  private final int partitions;
  private final Random random = new Random(7);
  private final AtomicLong sent = new AtomicLong();
  private volatile RuntimeException failure;
  private volatile boolean stopRequested;
  private volatile boolean done;

  PaymentStream(String bootstrapServers, DemoOptions options, int partitions) {
    this.options = options;
    this.partitions = partitions;
    this.producer =
        new KafkaProducer<>(
            Map.of(
                "bootstrap.servers", bootstrapServers, "linger.ms", 5, "enable.idempotence", true),
            new ByteArraySerializer(),
            new ByteArraySerializer());
  }

  @Override
  public void run() {
    long start = System.nanoTime();
    for (int i = 0; i < options.records() && failure == null && !stopRequested; i++) {
      send(payment(i), null);
      if (i % 10 == 3) {
        again(i);
      }
      if (i % POISON_EVERY == POISON_EVERY / 2 || i == 5) {
        poison(i);
      }
      keepRate(start);
    }
    producer.flush();
    done = true;
  }

  /** Sends this payment or an earlier one again, here or in another partition. */
  private void again(int i) {
    int which = random.nextBoolean() ? i : i - random.nextInt(Math.min(i + 1, 2_000));
    Integer elsewhere = random.nextBoolean() ? random.nextInt(partitions) : null;
    send(payment(which), elsewhere);
  }

  private void poison(int i) {
    send(record("poison-json-" + i, "poison", "{\"debtor\": \"a", null), null);
    String refused = "{\"debtor\":\"a\",\"creditor\":\"b\",\"cents\":-5,\"currency\":\"EUR\"}";
    send(record("poison-refused-" + i, "poison", refused, null), null);
  }

  static String eventId(int i) {
    return "pay-" + i;
  }

  private static ProducerRecord<byte[], byte[]> payment(int i) {
    String debtor = "account-" + i * 31 % ACCOUNTS;
    String creditor = "account-" + (i * 31 + 1 + i % (ACCOUNTS - 1)) % ACCOUNTS;
    String json =
        "{\"debtor\":\"%s\",\"creditor\":\"%s\",\"cents\":%d,\"currency\":\"EUR\"}"
            .formatted(debtor, creditor, i % 997 == 0 ? 2_000_000 : 100 + i % 9_900);
    return record(eventId(i), debtor, json, null);
  }

  private static ProducerRecord<byte[], byte[]> record(
      String id, String key, String value, Integer partition) {
    List<Header> headers = List.of(new RecordHeader("event-id", bytes(id)));
    return new ProducerRecord<>(TOPIC, partition, null, bytes(key), bytes(value), headers);
  }

  private void send(ProducerRecord<byte[], byte[]> record, Integer partition) {
    ProducerRecord<byte[], byte[]> placed =
        partition == null
            ? record
            : new ProducerRecord<>(
                TOPIC, partition, null, record.key(), record.value(), record.headers());
    producer.send(
        placed,
        (metadata, exception) -> {
          if (exception != null) {
            failure = new IllegalStateException("the upstream could not send", exception);
          }
        });
    sent.incrementAndGet();
  }

  private void keepRate(long start) {
    if (options.rate() == 0) {
      return;
    }
    long due = start + (long) (sent.get() * 1e9 / options.rate());
    long ahead = due - System.nanoTime();
    if (ahead > 1_000_000) {
      LockSupport.parkNanos(ahead);
    }
  }

  /** Ends the sending; it is done when all that was sent is acknowledged. */
  void stop() {
    stopRequested = true;
  }

  long sent() {
    return sent.get();
  }

  boolean isDone() {
    if (failure != null) {
      throw failure;
    }
    return done;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    producer.close();
  }
}
