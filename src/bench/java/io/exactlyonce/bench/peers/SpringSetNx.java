package io.exactlyonce.bench.peers;

import io.exactlyonce.bench.Terms;
import io.exactlyonce.bench.Tuning;
import io.exactlyonce.bench.Work;
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
import org.apache.kafka.clients.producer.ProducerRecord;
import org.springframework.kafka.core.DefaultKafkaConsumerFactory;
import org.springframework.kafka.core.DefaultKafkaProducerFactory;
import org.springframework.kafka.core.KafkaTemplate;
import org.springframework.kafka.listener.BatchMessageListener;
import org.springframework.kafka.listener.ContainerProperties;
import org.springframework.kafka.listener.KafkaMessageListenerContainer;
import org.springframework.kafka.transaction.KafkaTransactionManager;

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
    Work work = new Work(terms);
    Map<String, Object> producer = Tuning.producer(terms);
    // It is killed once: neither its transaction nor its membership is to outlive it by a minute.
    producer.put("transaction.timeout.ms", 10_000);
    DefaultKafkaProducerFactory<byte[], byte[]> producers =
        new DefaultKafkaProducerFactory<>(producer);
    producers.setTransactionIdPrefix(terms.group() + "-");
    KafkaTemplate<byte[], byte[]> template = new KafkaTemplate<>(producers);
    RedisClient client = RedisClient.create(terms.redis());
    StatefulRedisConnection<byte[], byte[]> redis = client.connect(ByteArrayCodec.INSTANCE);
    redis.setAutoFlushCommands(false);
    ContainerProperties properties = new ContainerProperties(terms.source());
    properties.setKafkaAwareTransactionManager(new KafkaTransactionManager<>(producers));
    properties.setMessageListener(
        (BatchMessageListener<byte[], byte[]>)
            records ->
                fresh(redis, records)
                    .forEach(
                        record ->
                            template.send(
                                new ProducerRecord<>(
                                    terms.sink(),
                                    null,
                                    null,
                                    record.key(),
                                    work.transform(record.value()),
                                    record.headers()))));
    Map<String, Object> consumer = Tuning.consumer(terms);
    consumer.put("session.timeout.ms", 10_000);
    new KafkaMessageListenerContainer<>(
            new DefaultKafkaConsumerFactory<byte[], byte[]>(consumer), properties)
        .start();
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
