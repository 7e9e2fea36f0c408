package io.exactlyonce.bench.peers;

import io.exactlyonce.bench.Terms;
import io.exactlyonce.bench.Tuning;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.SetArgs;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Spring Kafka's batch listener in a Kafka transaction, with the usual guard: {@code SET id NX} for
 * each record, a batch's at once, before anything is sent. An id that was set for a batch whose
 * transaction never commits is a duplicate ever after, so its record is lost.
 */
public final class SpringSetNx {
  private static final SetArgs NEW = SetArgs.Builder.nx().ex(Duration.ofHours(24));
  private static final byte[] SEEN = {1};

  private SpringSetNx() {}

  public static void main(String[] args) throws InterruptedException {
    Terms terms = Terms.parse(args);
    Map<String, Object> producer = Tuning.producer(terms);
    // It is killed once: neither its transaction nor its membership is to outlive it by a minute.
    producer.put("transaction.timeout.ms", 10_000);
    Map<String, Object> consumer = Tuning.consumer(terms);
    consumer.put("session.timeout.ms", 10_000);
    RedisClient client = RedisClient.create(terms.redis());
    StatefulRedisConnection<byte[], byte[]> redis = client.connect(ByteArrayCodec.INSTANCE);
    redis.setAutoFlushCommands(false);
    SpringBatch.start(terms, producer, consumer, records -> fresh(redis, records));
    new CountDownLatch(1).await();
  }

  /** Those whose id was in no record before. */
  private static List<ConsumerRecord<byte[], byte[]>> fresh(
      StatefulRedisConnection<byte[], byte[]> redis, List<ConsumerRecord<byte[], byte[]>> records) {
    List<RedisFuture<String>> set = new ArrayList<>(records.size());
    for (ConsumerRecord<byte[], byte[]> record : records) {
      set.add(redis.async().set(record.headers().lastHeader("event-id").value(), SEEN, NEW));
    }
    redis.flushCommands();
    List<ConsumerRecord<byte[], byte[]>> fresh = new ArrayList<>(records.size());
    for (int at = 0; at < records.size(); at++) {
      if (set.get(at).toCompletableFuture().join() != null) {
        fresh.add(records.get(at));
      }
    }
    return fresh;
  }
}
