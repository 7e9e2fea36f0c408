package io.exactlyonce.engine

import io.exactlyonce.local.ChildJvm
import io.exactlyonce.local.ChildProcess
import org.apache.kafka.clients.producer.KafkaProducer
import org.apache.kafka.clients.producer.ProducerRecord
import org.apache.kafka.common.header.internals.RecordHeader
import org.apache.kafka.common.serialization.ByteArraySerializer
import spock.lang.Shared
import spock.lang.Tag

import java.nio.file.Files
import java.nio.file.Path

/** A worker in a heap of 200 MB holds what its bounds say, whatever the records weigh by. */
class HeapSpec extends PipelineSpec {

  @Shared
  Path logs = Files.createDirectories(Path.of('target', 'heap').toAbsolutePath())

  ChildProcess worker(Map<String, String> settings, int micros) {
    def all = [source: source, sinks: sink, 'instance-id': 'a', concurrency: '3', 'guard.store': 'off'] + settings
    def args = [name, bootstrapServers, redisUri, micros] + all.collect { k, v -> "$k=$v".toString() }
    def child = ChildJvm.start(logs, name, ['-Xmx200m', '-XX:+ExitOnOutOfMemoryError'], 'io.exactlyonce.wiring.TestWorker', args*.toString())
    opened << child
    child
  }

  /** More at once than a heap of this test should hold: each is sent as it is made. */
  void pour(int count, Map<String, Object> settings, Closure<ProducerRecord<byte[], byte[]>> record) {
    new KafkaProducer<>(['bootstrap.servers': bootstrapServers] + settings, new ByteArraySerializer(), new ByteArraySerializer()).withCloseable { producer ->
      count.times { producer.send(record(it)) }
      producer.flush()
    }
  }

  long outputs() {
    admin.listOffsets(partitionsOf(sink).collectEntries { [it, org.apache.kafka.clients.admin.OffsetSpec.latest()] }).all().get()
        .values().sum { it.offset() }
  }

  @Tag('long')
  def "2,500 records of two bytes whose headers are large"() {
    given:
    def header = new RecordHeader('trace', new byte[100_000])
    pour(2_500, [:]) { new ProducerRecord<byte[], byte[]>(source, it % 3, null, 'k'.bytes, 'v'.bytes, [header]) }

    when:
    def child = worker([:], 10_000)
    await(BOUND) { assert !child.alive || lag() == 0 }

    then:
    child.alive
    outputs() >= 2_500
  }

  @Tag('long')
  def "a fetch that unpacks to more than the heap (#protocol)"() {
    given:
    pour(300, ['compression.type': 'gzip', 'batch.size': 1]) { new ProducerRecord<byte[], byte[]>(source, 0, null, 'k'.bytes, new byte[900_000]) }

    when:
    def child = worker(['in-flight-bytes': '16MB', 'commit-bytes': '8MB', 'producer.buffer.memory': '16000000', 'group-protocol': protocol], 0)
    await(BOUND) { assert !child.alive || lag() == 0 }

    then:
    child.alive
    outputs() >= 300

    where:
    protocol << ['classic', 'consumer']
  }

  @Tag('long')
  def "a fetch of tombstones whose headers unpack to more than the heap"() {
    given:
    def header = new RecordHeader('trace', new byte[900_000])
    pour(300, ['compression.type': 'gzip', 'batch.size': 1]) { new ProducerRecord<byte[], byte[]>(source, 0, null, 'k'.bytes, null, [header]) }

    when:
    def child = worker(['in-flight-bytes': '16MB', 'commit-bytes': '8MB', 'producer.buffer.memory': '16000000'], 0)
    await(BOUND) { assert !child.alive || lag() == 0 }

    then:
    child.alive
    lag() == 0
  }
}
