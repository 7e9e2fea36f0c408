package io.exactlyonce.engine.spi

import io.exactlyonce.local.BackendsSpec
import org.apache.kafka.clients.consumer.ConsumerRecord
import org.apache.kafka.clients.producer.KafkaProducer
import org.apache.kafka.clients.producer.ProducerRecord
import org.apache.kafka.common.TopicPartition
import org.apache.kafka.common.header.internals.RecordHeader
import org.apache.kafka.common.serialization.ByteArraySerializer
import spock.lang.AutoCleanup
import spock.lang.Tag

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
      assert polls.sum(0) { it.size() } == records
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

  def "heavy records without a #part are weighed by what they have, whatever stands between them"() {
    given: 'of every two the second is a light one that has both'
    produce((1..RECORDS).collectMany { [without(part), heavy([:])] })

    when:
    def polls = polls(2 * RECORDS)

    then:
    polls.flatten()*.offset() == (0L..<2 * RECORDS).toList()
    polls.every { poll -> poll.count { it.headers().lastHeader('h').value().length == HEAVY } <= 5 }

    where:
    part << ['key', 'value']
  }

  def "tombstones that are small as long as they are packed come no more than the bound at a time"() {
    given:
    def headers = [new RecordHeader('h', new byte[HEAVY])]
    def packed = new KafkaProducer<byte[], byte[]>(['bootstrap.servers': bootstrapServers, 'compression.type': 'gzip', 'linger.ms': 1000,
        'batch.size': 1_000_000] as Map<String, Object>, new ByteArraySerializer(), new ByteArraySerializer())
    RECORDS.times { packed.send(new ProducerRecord<byte[], byte[]>(topic, 0, new byte[1], null, headers)) }
    packed.close()

    when:
    def polls = polls(RECORDS)

    then:
    polls.flatten()*.offset() == (0L..<RECORDS).toList()
    polls*.size().max() == 5
  }

  @Tag('long')
  def "records with neither key nor value are weighed by their headers, #between"() {
    given:
    def bare = new ProducerRecord<byte[], byte[]>(topic, 0, null, null, [new RecordHeader('h', new byte[HEAVY])])
    produce((1..RECORDS).collectMany { [bare] + light.collect { heavy(it) } })

    when:
    def count = RECORDS * (1 + light.size())
    def polls = polls(count)

    then: 'each comes once, in order'
    polls.flatten()*.offset() == (0L..<count).toList()
    polls.every { poll -> poll.count { it.headers().lastHeader('h').value().length == HEAVY } <= 5 }

    and: 'and where the consumer stands follows'
    consumer.position(new TopicPartition(topic, 0)) == count

    where:
    between                      | light
    'among themselves'           | []
    'a light one between them'   | [[:]]
    'a heavy value between them' | [[value: 40_000]]
  }

  ProducerRecord<byte[], byte[]> without(String part) {
    new ProducerRecord<byte[], byte[]>(topic, 0, part == 'key' ? null : new byte[1], part == 'value' ? null : new byte[1],
        [new RecordHeader('h', new byte[HEAVY])])
  }

  def "a tombstone that is heavier than the bound comes alone"() {
    given:
    produce([heavy([:]), new ProducerRecord<byte[], byte[]>(topic, 0, new byte[1], null, [new RecordHeader('h', new byte[100_000])]), heavy([:])])

    when:
    def polls = polls(3)

    then:
    polls*.collect { it.offset() } == [[0L], [1L], [2L]]
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
