package io.exactlyonce.explain

import io.exactlyonce.local.BackendsSpec
import org.apache.kafka.clients.consumer.KafkaConsumer
import org.apache.kafka.clients.producer.ProducerRecord
import org.apache.kafka.common.TopicPartition
import org.apache.kafka.common.serialization.ByteArrayDeserializer

import java.time.Duration

/** The readers' parts of the offsets meet without a gap, and no record is in two of them, wherever partitions are cut. */
class IdScanSpec extends BackendsSpec {

  String topic = unique('scanned')

  def "each record is found once where partitions hold #sizes, read from #first on"() {
    given:
    createTopic(topic, sizes.size())
    def all = (0..<sizes.size()).collectMany { partition -> (0..<sizes[partition]).collect { [partition, it] } }
    produce(all.collect { partition, i -> new ProducerRecord(topic, partition, "$partition-$i".bytes, 'one'.bytes) })
    def from = (0..<sizes.size()).collectEntries { [new TopicPartition(topic, it), first] }
    def to = (0..<sizes.size()).collectEntries { [new TopicPartition(topic, it), sizes[it] as long] }
    def scan = new IdScan(this.&reader, { it.value() }, Duration.ofSeconds(30), 1000)

    when:
    def found = scan.find('one'.bytes, from, to)

    then:
    found.records()*.key().collect { new String(it) }.sort() == all.findAll { it[1] >= first }.collect { "${it[0]}-${it[1]}".toString() }.sort()
    found.more() == 0

    where:
    sizes           | first
    [9]             | 0L
    [1]             | 0L
    [2, 0, 1]       | 0L
    [100, 1, 30, 7] | 0L
    [100, 1, 30, 7] | 6L
    [3, 0]          | 3L
  }

  private KafkaConsumer<byte[], byte[]> reader() {
    new KafkaConsumer([
      'bootstrap.servers': bootstrapServers, 'isolation.level': 'read_committed', 'auto.offset.reset': 'earliest',
      'enable.auto.commit': 'false', 'key.deserializer': ByteArrayDeserializer.name, 'value.deserializer': ByteArrayDeserializer.name])
  }
}
