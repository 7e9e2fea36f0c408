package io.exactlyonce.torture;

import io.exactlyonce.torture.checker.Line;
import io.exactlyonce.torture.checker.Sent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Producer of a run. It sends records in bursts and lulls, some of them again, some that cannot be
 * handled, and some in transactions that it aborts. It notes which records were acknowledged.
 */
final class Sender implements Runnable, AutoCloseable {
  private static final int TICK_MILLIS = 50;
  private static final int KEYS = 300;

  /** One record in so many is a repetition: of a recent event, or of any that is remembered. */
  private static final int DUPLICATES = 10;

  private static final int REMEMBERED = 20_000;

  private record Made(String id, String key, long amount, TortureWorker.Mode mode, int partition) {}

  private final String topic;
  private final int rate;
  private final Random random;
  private final Map<String, Object> settings = new HashMap<>();
  private final KafkaProducer<byte[], byte[]> producer;
  private final Queue<Sent> sent = new ConcurrentLinkedQueue<>();
  private final List<Made> former = new ArrayList<>();
  private final AtomicLong acknowledged = new AtomicLong();
  private final CountDownLatch stop = new CountDownLatch(1);
  private final int homes;
  private volatile int partitions;
  private long made;

  Sender(String bootstrapServers, String topic, int partitions, int rate, Random random) {
    this.topic = topic;
    this.homes = partitions;
    this.partitions = partitions;
    this.rate = rate;
    this.random = random;
    settings.put("bootstrap.servers", bootstrapServers);
    settings.put("acks", "all");
    settings.put("linger.ms", 5);
    settings.put("delivery.timeout.ms", 300_000);
    settings.put("request.timeout.ms", 10_000);
    settings.put("max.block.ms", 120_000);
    this.producer =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
  }

  /** Sends copies of events to the new partitions too; keys keep their partitions. */
  void partitionsAdded(int now) {
    partitions = now;
  }

  /** Number of acknowledged records, without those of transactions. */
  long acknowledged() {
    return acknowledged.get();
  }

  /** All records that were sent; complete once the sender is closed. */
  List<Sent> sent() {
    return List.copyOf(sent);
  }

  @Override
  public void run() {
    try {
      double due = 0;
      long turn = 0;
      while (!stop.await(TICK_MILLIS, TimeUnit.MILLISECONDS)) {
        due += rate * TICK_MILLIS / 1000.0 * wave(turn++);
        for (; due >= 1; due--) {
          one();
        }
        if (turn % 200 == 100) {
          aborted();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Factor of the rate: 1.6 for ten seconds, then 0.4 for ten. */
  private static double wave(long turn) {
    return turn * TICK_MILLIS / 10_000 % 2 == 0 ? 1.6 : 0.4;
  }

  private void one() {
    if (!former.isEmpty() && random.nextInt(DUPLICATES) == 0) {
      Made again = former.get(former.size() - 1 - random.nextInt(Math.min(reach(), former.size())));
      int partition = random.nextBoolean() ? again.partition() : random.nextInt(partitions);
      send(new Made(again.id(), again.key(), again.amount(), again.mode(), partition));
      return;
    }
    Made next = fresh(mode());
    if (former.size() >= REMEMBERED) {
      former.subList(0, REMEMBERED / 2).clear();
    }
    former.add(next);
    send(next);
  }

  /**
   * How far back a copy's event may be: half of the copies follow soon, the others any time later.
   */
  private int reach() {
    return random.nextBoolean() ? 20 : REMEMBERED;
  }

  private Made fresh(TortureWorker.Mode mode) {
    int key = random.nextInt(KEYS);
    return new Made("e" + made++, "k" + key, 1 + random.nextInt(1000), mode, key % homes);
  }

  private TortureWorker.Mode mode() {
    int draw = random.nextInt(2000);
    if (draw == 0) {
      return TortureWorker.Mode.HUGE;
    }
    if (draw < 6) {
      return TortureWorker.Mode.POISON;
    }
    if (draw < 16) {
      return TortureWorker.Mode.THROWS_ONCE;
    }
    return draw == 16
        ? TortureWorker.Mode.SLOW
        : draw == 17 ? TortureWorker.Mode.HANGS_ONCE : TortureWorker.Mode.PLAIN;
  }

  private void send(Made one) {
    producer.send(
        record(one),
        (metadata, failure) -> {
          sent.add(sent(one, kind(one.mode()), failure == null ? metadata.offset() : -1));
          if (failure == null) {
            acknowledged.incrementAndGet();
          }
        });
  }

  private static Sent.Kind kind(TortureWorker.Mode mode) {
    return mode == TortureWorker.Mode.POISON || mode == TortureWorker.Mode.HUGE
        ? Sent.Kind.DEAD_LETTER
        : Sent.Kind.PROCESSED;
  }

  private Sent sent(Made one, Sent.Kind kind, long offset) {
    return new Sent(one.id(), one.key(), one.amount(), kind, topic, one.partition(), offset);
  }

  private ProducerRecord<byte[], byte[]> record(Made one) {
    Line line = new Line(one.id(), one.amount(), one.mode().name(), System.currentTimeMillis());
    Header id = new RecordHeader("event-id", one.id().getBytes(StandardCharsets.UTF_8));
    return new ProducerRecord<>(
        topic,
        one.partition(),
        one.key().getBytes(StandardCharsets.UTF_8),
        line.text().getBytes(StandardCharsets.UTF_8),
        List.of(id));
  }

  /** Sends twenty events in a transaction, and aborts it. */
  private void aborted() {
    List<Made> events = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      events.add(fresh(TortureWorker.Mode.PLAIN));
    }
    events.forEach(one -> sent.add(sent(one, Sent.Kind.ABORTED, -1)));
    try (KafkaProducer<byte[], byte[]> other = transactional("torture-aborts", 20_000)) {
      other.initTransactions();
      other.beginTransaction();
      events.forEach(one -> other.send(record(one)));
      other.flush();
      other.abortTransaction();
    } catch (KafkaException e) {
      // A fault broke it: the broker aborts an open transaction.
    }
  }

  /**
   * Sends one event in a transaction and leaves it open, as a producer that hangs; the broker
   * aborts it.
   *
   * @param millis time after which it does
   */
  void leaveOpen(int millis) {
    Made one = new Made("open" + System.nanoTime(), "k0", 1, TortureWorker.Mode.PLAIN, 0);
    sent.add(sent(one, Sent.Kind.ABORTED, -1));
    KafkaProducer<byte[], byte[]> other = transactional("torture-open", millis);
    try {
      other.initTransactions();
      other.beginTransaction();
      other.send(record(one));
      other.flush();
    } catch (KafkaException e) {
      // A fault broke it: there is no open transaction then.
    } finally {
      other.close(java.time.Duration.ZERO);
    }
  }

  private KafkaProducer<byte[], byte[]> transactional(String id, int timeout) {
    Map<String, Object> own = new HashMap<>(settings);
    own.put("transactional.id", id);
    own.put("transaction.timeout.ms", timeout);
    own.put("delivery.timeout.ms", 15_000);
    own.put("max.block.ms", 10_000);
    return new KafkaProducer<>(own, new ByteArraySerializer(), new ByteArraySerializer());
  }

  /** Ends the sending; {@link #close} waits for the records that are under way. */
  void stop() {
    stop.countDown();
  }

  @Override
  public void close() {
    stop();
    producer.close();
  }
}
