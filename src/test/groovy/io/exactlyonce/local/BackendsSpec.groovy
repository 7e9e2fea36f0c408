package io.exactlyonce.local

import org.apache.kafka.clients.admin.Admin
import org.apache.kafka.clients.consumer.ConsumerRecord
import org.apache.kafka.clients.producer.ProducerRecord
import spock.lang.AutoCleanup
import spock.lang.Shared
import spock.lang.Specification

import java.time.Duration
import java.util.concurrent.Callable

/**
 * A spec on the real Kafka and the real Redis that all specs of the run share.
 *
 * Nothing is cleaned up between specs: a spec gives its topics, groups and pipelines names of its
 * own, by {@link #unique}.
 */
abstract class BackendsSpec extends Specification {

  @Shared
  Backends backends

  @Shared
  @AutoCleanup
  KafkaHelper kafka

  /** Called by {@link BackendsExtension}, before setupSpec(). */
  void use(Backends started) {
    backends = started
    kafka = new KafkaHelper(started.bootstrapServers())
  }

  String getBootstrapServers() {
    backends.bootstrapServers()
  }

  String getRedisUri() {
    backends.redisUri()
  }

  Admin getAdmin() {
    kafka.admin()
  }

  /** A name that no other spec, and no other run on the same backends, uses. */
  String unique(String name) {
    "$name-${UUID.randomUUID().toString().take(8)}"
  }

  void createTopic(String name, int partitions = 1, Map<String, String> configs = [:]) {
    kafka.createTopic(name, partitions, configs)
  }

  void produce(List<ProducerRecord<byte[], byte[]>> records) {
    kafka.produce(records)
  }

  List<ConsumerRecord<byte[], byte[]>> readCommitted(String topic) {
    kafka.readCommitted(topic)
  }

  /** Runs assertions until they hold; when the bound passes before, the feature fails with what they saw last. */
  void await(Duration bound, Callable<?> assertions) {
    Await.until(bound, assertions)
  }
}
