package io.exactlyonce.receipt

import io.exactlyonce.local.LocalKafka
import org.apache.kafka.clients.admin.Admin
import org.apache.kafka.clients.consumer.KafkaConsumer
import org.apache.kafka.clients.producer.KafkaProducer
import org.apache.kafka.clients.producer.ProducerRecord
import org.apache.kafka.common.TopicPartition
import org.apache.kafka.common.Uuid
import org.apache.kafka.common.errors.TimeoutException
import org.apache.kafka.common.serialization.ByteArrayDeserializer
import org.apache.kafka.common.serialization.ByteArraySerializer
import spock.lang.AutoCleanup
import spock.lang.Shared
import spock.lang.Specification
import spock.lang.Tag

import java.time.Clock
import java.time.Duration

/** Clients of a broker that is frozen, with calls of theirs under way: closing them takes no longer than it may. */
class BoundedCloseSpec extends Specification {

  static final Duration PATIENCE = Duration.ofSeconds(2)

  /** A producer's 5 s and some for the machine; an admin client by itself would take a minute. */
  static final Duration BOUND = Duration.ofSeconds(8)

  @Shared
  @AutoCleanup
  LocalKafka broker = LocalKafka.start()

  def setup() {
    broker.node(0).pause()
  }

  def cleanup() {
    broker.node(0).resume()
  }

  Admin admin() {
    Admin.create('bootstrap.servers': broker.bootstrapServers())
  }

  KafkaConsumer<byte[], byte[]> reader() {
    new KafkaConsumer<>(['bootstrap.servers': broker.bootstrapServers()], new ByteArrayDeserializer(), new ByteArrayDeserializer())
  }


  static Duration took(Closure steps) {
    def from = System.nanoTime()
    steps()
    Duration.ofNanos(System.nanoTime() - from)
  }

  def "an admin client gives up what it asks"() {
    given:
    def client = admin()
    client.describeCluster()

    expect:
    took { BoundedClose.of(client).close() } < BOUND
  }

  def "a reader that polls without an answer is closed at once"() {
    given:
    def client = reader()
    client.assign([new TopicPartition('in', 0)])
    client.poll(Duration.ofMillis(200))

    expect:
    took { BoundedClose.of(client).close() } < BOUND
  }

  @Tag('long')
  def "a producer gets five seconds"() {
    given: 'one that knows the topic, so that its record waits for the broker and not for metadata'
    broker.node(0).resume()
    def setUp = admin()
    setUp.createTopics([new org.apache.kafka.clients.admin.NewTopic('out', 1, (short) 1)]).all().get()
    def client = new KafkaProducer<byte[], byte[]>(['bootstrap.servers': broker.bootstrapServers()], new ByteArraySerializer(), new ByteArraySerializer())
    client.send(new ProducerRecord<>('out', 'v'.bytes)).get()
    broker.node(0).pause()
    client.send(new ProducerRecord<>('out', 'w'.bytes))

    expect:
    took { BoundedClose.of(client).close() } < BOUND

    cleanup:
    setUp.close(Duration.ZERO)
  }

  def "the last receipts are given up after the patience, on whichever thread asks"() {
    given:
    def ends = new LastReceipts({ admin() }, { reader() }, 'receipts', Clock.systemUTC(), PATIENCE)
    Throwable thrown = null

    when:
    def took = took {
      try {
        ends.find([(new TopicPartition('in', 0)): Uuid.randomUuid()])
      } catch (TimeoutException e) {
        thrown = e
      }
    }

    then:
    thrown != null
    took < PATIENCE + BOUND
  }
}
