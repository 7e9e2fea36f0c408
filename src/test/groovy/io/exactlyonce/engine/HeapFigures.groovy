package io.exactlyonce.engine

import io.exactlyonce.handler.Handler
import io.exactlyonce.handler.Outcome
import io.exactlyonce.handler.Output
import org.apache.kafka.clients.producer.KafkaProducer
import org.apache.kafka.clients.producer.ProducerRecord
import org.apache.kafka.common.header.internals.RecordHeader
import org.apache.kafka.common.serialization.ByteArraySerializer

import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.StandardOpenOption
import java.util.concurrent.CountDownLatch

/**
 * What a worker's heap holds for records of in-flight-bytes, by the shape of the records, after a
 * full collection: {@code mvn test -Dtest=HeapFigures}; the figures go to target/heap-figures.txt.
 * Kafka and Redis are processes of their own.
 */
class HeapFigures extends PipelineSpec {

  static final long BOUND_BYTES = 32L << 20
  static final Path FIGURES = Path.of('target', 'heap-figures.txt')

  static long heap() {
    System.gc()
    System.gc()
    Runtime.runtime.totalMemory() - Runtime.runtime.freeMemory()
  }

  def "#shape"() {
    given: 'more than fits, sent as it is made'
    def weight = 256 + 1 + value + headers * (96 + 2 + header)
    def count = (BOUND_BYTES * 2).intdiv(weight) as int
    def all = (0..<headers).collect { new RecordHeader(sprintf('h%d', it % 10), new byte[header]) }
    new KafkaProducer<>(['bootstrap.servers': bootstrapServers, 'compression.type': packed], new ByteArraySerializer(), new ByteArraySerializer()).withCloseable { producer ->
      count.times { producer.send(new ProducerRecord<byte[], byte[]>(source, it % 3, null, 'k'.bytes, new byte[value], all)) }
      producer.flush()
    }
    def gate = new CountDownLatch(1)
    String to = sink
    Handler<String> standing = { event -> gate.await(); Outcome.emit(Output.to(to, event.key(), 'v')) }

    when: 'the pipeline runs and stands with as much as it takes'
    def running = run(['guard.store': 'off', 'in-flight-bytes': '32MB', 'in-flight-records': 10_000_000, 'stall-after': '1h', 'stop-timeout': '2s'], standing)
    def inFlight = { workers(running)[0]?.inFlight() }
    long last = -1
    int same = 0
    await(BOUND) {
      def now = inFlight()?.bytes() ?: 0
      same = now == last && now > 0 ? same + 1 : 0
      last = now
      assert same >= 20
    }
    def held = inFlight()
    def full = heap()

    and: 'and without them'
    gate.countDown()
    awaitDrained()
    await(BOUND) { assert inFlight().records() == 0 }
    def empty = heap()
    Files.writeString(FIGURES, sprintf('%s: %,d records, %.1f MB counted, %.1f MB of heap, %.2f of the bound of 32 MB\n', shape, held.records(), held.bytes() / 1e6d,
        (full - empty) / 1e6d, (full - empty) / (double) BOUND_BYTES), StandardOpenOption.CREATE, StandardOpenOption.APPEND)

    then:
    held.bytes() <= BOUND_BYTES
    full - empty <= BOUND_BYTES * 3

    where:
    shape                                      | value   | headers | header | packed
    'values of 10 bytes'                       | 10      | 0       | 0      | 'none'
    'values of 1 KB'                           | 1_000   | 0       | 0      | 'none'
    'values of 100 KB'                         | 100_000 | 0       | 0      | 'none'
    'values of 100 KB, packed by gzip'         | 100_000 | 0       | 0      | 'gzip'
    'values of 100 bytes, 30 headers of 20'    | 100     | 30      | 20     | 'none'
    'values of 100 bytes, 1 header of 10 KB'   | 100     | 1       | 10_000 | 'none'
  }
}
