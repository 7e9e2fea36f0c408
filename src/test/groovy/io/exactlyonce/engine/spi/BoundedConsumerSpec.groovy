package io.exactlyonce.engine.spi

import io.exactlyonce.local.BackendsSpec
import org.apache.kafka.clients.consumer.ConsumerRecord
import org.apache.kafka.clients.producer.ProducerRecord
import org.apache.kafka.common.TopicPartition
import org.apache.kafka.common.header.internals.RecordHeader
import spock.lang.AutoCleanup

import java.time.Duration

/** One poll brings no more bytes than the bound, whichever part of the records is heavy. */
class BoundedConsumerSpec extends BackendsSpec {

  static final int RECORDS = 60
  static final int HEAVY = 10_000
  static final long BOUND = 55_000

  String topic = unique('bounded')

  @AutoCleanup
  BoundedConsumer consumer

  def setup() {
    createTopic(topic)
    consumer = new BoundedConsumer(['bootstrap.servers': bootstrapServers], BOUND)
    consumer.assign([new TopicPartition(topic, 0)])
    consumer.seekToBeginning(consumer.assignment())
  }

  ProducerRecord<byte[], byte[]> heavy(Map<String, Integer> part) {
    def bytes = { int size -> new byte[size] }
    new ProducerRecord<byte[], byte[]>(topic, 0, bytes(part.key ?: 1), bytes(part.value ?: 1),
        [new RecordHeader('h', bytes(part.header ?: 1))])
  }

  /** All records of the topic, poll by poll. */
  List<List<ConsumerRecord<byte[], byte[]>>> polls(int records) {
    List<List<ConsumerRecord<byte[], byte[]>>> polls = []
    await(Duration.ofSeconds(60)) {
      def poll = consumer.poll(Duration.ofMillis(200)).records(topic).toList()
      if (poll) polls << poll
      polls.sum(0) { it.size() } == records
    }
    polls
  }

  def "five heavy records of 60 fit one poll, where the #part is what weighs"() {
    given:
    produce((1..RECORDS).collect { heavy((part): HEAVY) })

    when:
    def polls = polls(RECORDS)

    then: 'each comes once, in order'
    polls.flatten()*.offset() == (0L..<RECORDS).toList()

    and:
    polls*.size().max() == 5

    where:
    part << ['key', 'value', 'header']
  }

  def "a record that is heavier than the bound comes alone"() {
    given:
    produce([heavy([:]), heavy(value: 100_000), heavy([:])])

    when:
    def polls = polls(3)

    then:
    polls.flatten()*.offset() == [0L, 1L, 2L]
    polls.find { poll -> poll.any { it.serializedValueSize() > BOUND } }*.offset() == [1L]
  }
}
