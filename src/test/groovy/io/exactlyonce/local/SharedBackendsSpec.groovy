package io.exactlyonce.local

import io.lettuce.core.RedisClient
import org.apache.kafka.clients.producer.KafkaProducer
import org.apache.kafka.clients.producer.ProducerRecord
import org.apache.kafka.common.serialization.ByteArraySerializer
import spock.lang.Shared

class SharedBackendsSpec extends BackendsSpec {

  @Shared
  String topic = unique('payments')

  def setupSpec() {
    createTopic(topic, 3)
  }

  def "a spec is given a Redis that answers"() {
    given:
    def client = RedisClient.create(redisUri)

    expect:
    client.connect().sync().ping() == 'PONG'

    cleanup:
    client?.shutdown()
  }

  def "only what was committed is read, and an open transaction ends the reading"() {
    given:
    def producer = transactional()

    when:
    produce([record('plain')])
    inTransaction(producer) { it.send(record('aborted')); it.flush(); it.abortTransaction() }
    inTransaction(producer) { it.send(record('committed')); it.commitTransaction() }
    inTransaction(producer) { it.send(record('open')); it.flush() }

    then:
    readCommitted(topic).collect { new String(it.value()) } == ['plain', 'committed']
    kafka.readUncommitted(topic).size() == 4

    cleanup:
    producer?.close()
  }

  private KafkaProducer<byte[], byte[]> transactional() {
    def settings = ['bootstrap.servers': bootstrapServers, 'transactional.id': unique('spec')] as Map<String, Object>
    def producer = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())
    producer.initTransactions()
    producer
  }

  private static void inTransaction(KafkaProducer<byte[], byte[]> producer, Closure work) {
    producer.beginTransaction()
    work(producer)
  }

  private ProducerRecord<byte[], byte[]> record(String value) {
    new ProducerRecord<byte[], byte[]>(topic, 0, null, value.bytes)
  }
}
