package io.exactlyonce.lag

import io.exactlyonce.engine.PipelineSpec
import io.exactlyonce.wiring.TestPipeline
import org.apache.kafka.clients.consumer.KafkaConsumer
import org.apache.kafka.clients.producer.KafkaProducer
import org.apache.kafka.clients.producer.ProducerRecord
import org.apache.kafka.common.TopicPartition
import org.apache.kafka.common.serialization.ByteArrayDeserializer
import org.apache.kafka.common.serialization.ByteArraySerializer

import java.time.Clock
import java.time.Duration

/** A spec that measures the lag of a pipeline on its own topics. */
abstract class LagSpec extends PipelineSpec {

  static final Duration SHORT = Duration.ofMillis(500)

  /** Checks of the pipeline's group, as another process makes them, or with what a worker here knows. */
  LagChecks checks(Map more = [:]) {
    new LagChecks([new Watched(name, name, (more.topics ?: [source]) as Set)], this::reader,
        more.known ?: KnownTimes.none(), bootstrapServers, Duration.ofSeconds(5), more.interval ?: SHORT, Clock.systemUTC())
  }

  GroupLag check(LagChecks checks) {
    checks.check(admin).first()
  }

  KafkaConsumer<byte[], byte[]> reader() {
    new KafkaConsumer<byte[], byte[]>(['bootstrap.servers': bootstrapServers, 'isolation.level': 'read_committed',
                                      'auto.offset.reset': 'earliest', 'enable.auto.commit': false] + OldestRecords.READER_SETTINGS,
        new ByteArrayDeserializer(), new ByteArrayDeserializer())
  }

  /** As the wiring does it. */
  static KnownTimes known(TestPipeline running) {
    { ignored -> running.pipeline().oldest().collectEntries { [it.partition(), new RecordTime(it.offset(), it.timestamp())] } } as KnownTimes
  }

  TopicPartition partition(int number, String topic = source) {
    new TopicPartition(topic, number)
  }

  PartitionLag of(GroupLag lag, int number, String topic = source) {
    lag.partitions().find { it.partition() == partition(number, topic) }
  }

  KafkaProducer<byte[], byte[]> transactional(String id) {
    def producer = new KafkaProducer<byte[], byte[]>(['bootstrap.servers': bootstrapServers, 'transactional.id': id,
                                                     'transaction.timeout.ms': 60_000], new ByteArraySerializer(), new ByteArraySerializer())
    opened << ({ producer.close(Duration.ZERO) } as AutoCloseable)
    producer.initTransactions()
    producer.beginTransaction()
    producer
  }

  /** With a timestamp of its own. */
  ProducerRecord<byte[], byte[]> dated(int partition, long timestamp) {
    def record = record("v${System.nanoTime()}", partition: partition)
    new ProducerRecord<>(source, partition, timestamp, record.key(), record.value(), record.headers())
  }
}
