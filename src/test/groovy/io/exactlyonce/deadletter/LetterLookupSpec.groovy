package io.exactlyonce.deadletter

import io.exactlyonce.local.BackendsSpec
import org.apache.kafka.clients.consumer.KafkaConsumer
import org.apache.kafka.clients.producer.KafkaProducer
import org.apache.kafka.clients.producer.ProducerRecord
import org.apache.kafka.common.TopicPartition
import org.apache.kafka.common.serialization.ByteArrayDeserializer
import org.apache.kafka.common.serialization.ByteArraySerializer
import spock.lang.AutoCleanup

import java.time.Duration

/** Positions come from headers that anybody can write: none may cost more than a look. */
class LetterLookupSpec extends BackendsSpec {

  String topic = unique('letters')

  def "what is there is found, what is not there, aborted or open is not, and nothing is waited for"() {
    given:
    createTopic(topic, 2)
    produce((0..<9000).collect { new ProducerRecord<byte[], byte[]>(topic, 0, null, "v$it".bytes) })
    def producer = new KafkaProducer<>(['bootstrap.servers': bootstrapServers, 'transactional.id': unique('t')] as Map<String, Object>,
        new ByteArraySerializer(), new ByteArraySerializer())
    producer.initTransactions()
    producer.beginTransaction()
    producer.send(new ProducerRecord<byte[], byte[]>(topic, 1, null, 'aborted'.bytes)).get()
    producer.abortTransaction()
    producer.beginTransaction()
    producer.send(new ProducerRecord<byte[], byte[]>(topic, 1, null, 'committed'.bytes)).get()
    producer.commitTransaction()
    producer.beginTransaction()
    producer.send(new ProducerRecord<byte[], byte[]>(topic, 1, null, 'open'.bytes)).get()
    def wanted = [[0, 0], [0, 1], [0, 8999], [0, 9000], [0, 10 ** 17], [1, 0], [1, 1], [1, 2], [1, 3], [1, 4], [7, 0]]
        .collect { p, o -> new RecordPosition(new TopicPartition(topic, p as int), o as long) }

    expect: 'as often as it is asked, in any order'
    [9, 3, 8999].every { o -> lookup.find([new RecordPosition(new TopicPartition(topic, 0), o)]).values()*.record()*.offset() == [o as long] }

    when:
    def began = System.nanoTime()
    def found = lookup.find(wanted)
    def took = Duration.ofNanos(System.nanoTime() - began)

    then:
    found.collectEntries { at, letter -> [at.toString(), new String(letter.record().value())] } ==
        [("$topic-0@0".toString()): 'v0', ("$topic-0@1".toString()): 'v1', ("$topic-0@8999".toString()): 'v8999',
         ("$topic-1@2".toString()): 'committed']
    took < Duration.ofSeconds(40)

    cleanup:
    producer?.close(Duration.ZERO)
  }

  def "a topic that is not there holds no letters"() {
    expect:
    lookup.find([new RecordPosition(new TopicPartition(topic, 0), 0)]).isEmpty()
    lookup.find([]).isEmpty()
  }

  @AutoCleanup
  LetterLookup lookup = new LetterLookup({
    new KafkaConsumer<>(['bootstrap.servers': bootstrapServers, 'isolation.level': 'read_committed', 'enable.auto.commit': false,
                         'auto.offset.reset': 'earliest', 'allow.auto.create.topics': false] as Map<String, Object>,
        new ByteArrayDeserializer(), new ByteArrayDeserializer())
  }, Duration.ofSeconds(20))
}
