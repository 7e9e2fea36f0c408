package io.exactlyonce.engine

import org.apache.kafka.clients.admin.NewPartitions
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata
import org.apache.kafka.clients.consumer.OffsetAndMetadata
import org.apache.kafka.clients.producer.KafkaProducer
import org.apache.kafka.common.TopicPartition
import org.apache.kafka.common.serialization.ByteArraySerializer
import spock.lang.Tag

import java.time.Duration

/** Offsets and logs on which a transaction is open: what waits for it, and what does not. */
class UndecidedOffsetsSpec extends PipelineSpec {

  KafkaProducer<byte[], byte[]> transactional(String id) {
    def producer = new KafkaProducer<byte[], byte[]>(
        ['bootstrap.servers': bootstrapServers, 'transactional.id': id, 'transaction.timeout.ms': 60000] as Map<String, Object>,
        new ByteArraySerializer(), new ByteArraySerializer())
    opened << ({ producer.close(Duration.ZERO) } as AutoCloseable)
    producer.initTransactions()
    producer.beginTransaction()
    producer
  }

  @Tag('long')
  def "a partition whose offset is undecided waits alone, and says so (#protocol)"() {
    given:
    def running = run('guard.store': 'off', 'consumer.metadata.max.age.ms': '1000', 'group-protocol': protocol)
    produce((0..<30).collect { record("v$it", partition: it % 3) })
    awaitDrained()
    def other = transactional("$name-foreign")

    when: 'a member that was killed had sent the offset of a fourth partition'
    admin.createPartitions([(source): NewPartitions.increaseTo(4)]).all().get()
    await(BOUND) {
      other.sendOffsetsToTransaction([(new TopicPartition(source, 3)): new OffsetAndMetadata(0)], new ConsumerGroupMetadata(name))
      assert true
    }
    def next = 0
    def last = System.nanoTime()
    def longest = 0L
    await(BOUND) {
      def before = readCommitted(sink).size()
      produce([record("w${next++}", partition: 0)])
      await(BOUND) { assert readCommitted(sink).size() > before }
      longest = Math.max(longest, System.nanoTime() - last)
      last = System.nanoTime()
      assert said(running).contains("$source-3") && next > 20
    }

    then: 'the others never stood still for it'
    longest < Duration.ofSeconds(6).toNanos()
    said(running).contains('undecided')

    when:
    other.abortTransaction()
    produce([record('fourth', partition: 3)])
    await(BOUND) { assert visible().contains('fourth') }

    then:
    await(BOUND) { assert running.pipeline().status().ready }

    where:
    protocol << ['classic', 'consumer']
  }

  def "offsets at the end of a source with an open transaction upstream are no log that was cut"() {
    given:
    def upstream = transactional("$name-up")
    (0..<5).each { upstream.send(record("v$it", partition: 0)) }
    upstream.flush()
    admin.alterConsumerGroupOffsets(name, [(new TopicPartition(source, 0)): new OffsetAndMetadata(5)]).all().get()

    when:
    def running = run('guard.store': 'off')
    awaitRunning(running, 1)
    upstream.commitTransaction()
    produce([record('late', partition: 0)])
    await(BOUND) { assert visible().contains('late') }

    then:
    visible() == ['late']
  }

  def "an open transaction upstream at a restart: the pipeline waits for it, and goes on"() {
    given:
    def first = run('guard.store': 'off')
    produce((0..<10).collect { record("v$it", partition: 0) })
    awaitDrained()
    def upstream = transactional("$name-up")
    (0..<5).each { upstream.send(record("u$it", partition: 0)) }
    upstream.flush()
    first.close()

    when:
    def second = run('guard.store': 'off')
    awaitRunning(second, 1)
    upstream.commitTransaction()
    awaitDrained()

    then:
    visible().size() == 15
  }

  private static String said(running) {
    def status = running.pipeline().status()
    status.trouble() + status.workers()*.trouble().join(' ')
  }
}
