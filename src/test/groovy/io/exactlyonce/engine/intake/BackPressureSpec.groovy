package io.exactlyonce.engine.intake

import io.exactlyonce.engine.PipelineSpec
import io.exactlyonce.engine.status.InFlight
import io.exactlyonce.handler.Handler
import io.exactlyonce.handler.Outcome
import io.exactlyonce.handler.Output
import io.exactlyonce.wiring.TestPipeline
import org.apache.kafka.clients.producer.ProducerRecord
import org.apache.kafka.common.header.internals.RecordHeader
import spock.lang.Tag

import java.lang.management.ManagementFactory
import java.util.concurrent.CountDownLatch

/** The invariant "bounded" on a running pipeline: what it holds and what it reads is bounded, and nothing is lost by that. */
class BackPressureSpec extends PipelineSpec {

  static final int PARTITIONS = 12

  def gate = new CountDownLatch(1)
  String wide = "$name-wide"

  def setup() {
    createTopic(wide, PARTITIONS)
  }

  def cleanup() {
    gate.countDown()
  }

  /** Copies; what says 'slow' waits for the gate. */
  Handler<String> waiting() {
    String to = sink
    return { event ->
      if (event.value().startsWith('slow')) gate.await()
      Outcome.emit(Output.to(to, event.key(), event.value()))
    } as Handler<String>
  }

  ProducerRecord<byte[], byte[]> wideRecord(String value, int partition) {
    new ProducerRecord<byte[], byte[]>(wide, partition, null, value.take(12).bytes, value.bytes,
        [new RecordHeader('event-id', value.take(12).bytes)])
  }

  static InFlight held(TestPipeline running) {
    running.pipeline().status().workers()[0]?.inFlight() ?: InFlight.NONE
  }

  @Tag('long')
  def "while handlers stand still and the producer goes on, no more is in flight than #bounds allow; then all of it is handled"() {
    given:
    def running = run([source: wide, ordering: 'key', concurrency: 4] + bounds, waiting())
    await(BOUND) { assert running.pipeline().status().ready && running.pipeline().status().workers()[0].partitions().size() == PARTITIONS }
    def counters = running.pipeline().counters()

    when: 'nothing can be sent, so what was read is what is in flight'
    (0..<10).each { round ->
      produce((0..<count.intdiv(10)).collect { wideRecord(String.format('slow%08d', round * count + it) + 'x' * size, it % used) })
      assert counters.read.sum() <= most
    }
    await(BOUND) { assert held(running).records() > 0 && (held(running).paused() == PARTITIONS || used < PARTITIONS && held(running).paused() == used) }
    // A second poll of whoever was let in late would be seen by now.
    await(BOUND) { assert running.pipeline().status().workers()[0].inFlight().records() == counters.read.sum() }

    then:
    counters.read.sum() <= most
    counters.read.sum() >= most.intdiv(4)
    held(running).bytes() <= mostBytes

    when:
    gate.countDown()
    await(BOUND) { assert counters.processed.sum() == count }

    then:
    readCommitted(sink)*.value().collect { new String(it).take(12) }.toSet().size() == count
    readCommitted(sink).size() == count
    await(BOUND) { assert held(running) == InFlight.NONE }
    counters.aborts.sum() == 0
    guarantees.receiptsJoin()

    where:
    bounds                                                                             | used | count  | size   || most | mostBytes
    ['in-flight-records': 3_000]                                                       | 12   | 12_000 | 0      || 3000 | 1L << 40
    ['in-flight-bytes': '2MB']                                                         | 12   | 1_200  | 10_000 || 209  | 2L << 20
    ['in-flight-records-per-partition': 100, 'consumer.max.poll.records': 500]         | 1    | 2_000  | 0      || 100  | 1L << 40
  }

  @Tag('long')
  def "partitions that stand with all that they could take leave the others room to go on"() {
    given: 'more of them than the open part has room for'
    def running = run([source: wide, concurrency: 16, 'in-flight-records': 3_000], waiting())
    def counters = running.pipeline().counters()
    produce((0..<9).collectMany { partition -> (0..<900).collect { wideRecord(String.format('slow%d-%06d', partition, it), partition) } })
    await(BOUND) { assert held(running).records() > 1_500 && held(running).paused() >= 9 }

    when:
    produce((0..<3_000).collect { wideRecord(String.format('v%011d', it), 9 + it % 3) })

    then:
    await(BOUND) { assert counters.processed.sum() == 3_000 }
    held(running).records() <= 3_000
    visible().every { it.startsWith('v') }

    when:
    gate.countDown()

    then:
    await(BOUND) { assert counters.processed.sum() == 3_000 + 8_100 }
    guarantees.receiptsJoin()
  }

  @Tag('long')
  def "two workers together read no faster than rate-limit, and wait for it without spinning"() {
    given:
    def running = run([workers: 2, 'rate-limit': 200], copy())
    await(BOUND) { assert running.pipeline().status().ready && running.pipeline().status().workers()*.partitions().flatten().size() == 3 }
    def counters = running.pipeline().counters()
    def began = System.nanoTime()

    when:
    produce((0..<700).collect { record("v$it", partition: it % 3) })
    def tooFast = []
    long cpu = 0
    long since = 0
    await(BOUND) {
      def read = counters.read.sum()
      def most = (System.nanoTime() - began) / 1e9 * 200 + 20 + 2 * 10 // a tenth of a second's, and a poll of each
      if (read > most) tooFast << [read, most]
      if (read >= 100 && since == 0) {
        since = System.nanoTime()
        cpu = workersCpu()
      }
      assert read == 700
    }
    def share = (workersCpu() - cpu) / (System.nanoTime() - since)
    awaitDrained()

    then:
    tooFast == []
    share < 0.3
    visible().size() == 700
    guarantees.receiptsJoin()
  }

  /** Nanoseconds. */
  long workersCpu() {
    def threads = ManagementFactory.threadMXBean
    threads.getThreadInfo(threads.allThreadIds).findAll { it?.threadName?.startsWith("$name-test-") && !it.threadName.contains('committer') }
        .sum { threads.getThreadCpuTime(it.threadId) } as long
  }
}
