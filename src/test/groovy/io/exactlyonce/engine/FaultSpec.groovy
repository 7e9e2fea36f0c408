package io.exactlyonce.engine

import io.exactlyonce.local.BackendsSpec
import io.exactlyonce.local.ChildJvm
import io.exactlyonce.local.ChildProcess
import io.exactlyonce.local.EmbeddedBackends
import io.exactlyonce.local.KafkaHelper
import org.apache.kafka.clients.producer.ProducerRecord
import org.apache.kafka.common.header.internals.RecordHeader
import spock.lang.AutoCleanup
import spock.lang.Shared

import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.ThreadLocalRandom

/**
 * Workers as processes of their own, on a broker and a Redis of this spec's own, broken on purpose
 * in the middle of transactions. After each: every event once, order per key kept, receipts joined.
 */
class FaultSpec extends PipelineSpec {

  static final int RECORDS = 30_000
  static final int DUPLICATES = 3_000

  @Shared
  @AutoCleanup
  EmbeddedBackends own

  @Shared
  Path logs

  /** The shared backends must not be broken; these may. */
  @Override
  void use(io.exactlyonce.local.Backends started) {
    own = EmbeddedBackends.start()
    logs = Files.createDirectories(Path.of('target', 'faults').toAbsolutePath())
    backends = own
    kafka = new KafkaHelper(own.bootstrapServers())
  }

  ChildProcess worker(String instance, Map<String, String> settings = [:]) {
    def all = [source: source, sinks: sink, 'instance-id': instance, 'transaction-timeout': '6s', 'drain-timeout': '3s',
               'consumer.session.timeout.ms': '6000', 'consumer.heartbeat.interval.ms': '500',
               'commit-interval': '50ms',
               // Little is claimed ahead, so that a fault meets work that is claimed and work that is not.
               'in-flight-records': '600', 'consumer.max.poll.records': '100'] + settings
    def args = [name, bootstrapServers, redisUri, '100'] + all.collect { k, v -> "$k=$v".toString() }
    def child = ChildJvm.start(logs, "$name-$instance", ['-Xmx256m'], 'io.exactlyonce.wiring.TestWorker', args*.toString())
    opened << child
    child
  }

  /** Every event once in the source, one in ten again somewhere else. */
  void pour() {
    def random = new Random(3)
    def records = []
    (0..<RECORDS).each { i ->
      records << event(i, i % 3)
      if (i % (RECORDS.intdiv(DUPLICATES)) == 0) records << event(Math.max(0, i - random.nextInt(500)), random.nextInt(3))
    }
    produce(records)
  }

  ProducerRecord<byte[], byte[]> event(int i, int partition) {
    new ProducerRecord<>(source, partition, null, "k${i % 300}".bytes, "v$i".bytes, [new RecordHeader('event-id', "e$i".bytes)])
  }

  long committed() {
    admin.listConsumerGroupOffsets(name).partitionsToOffsetAndMetadata().get().values().sum { it.offset() } ?: 0
  }

  void awaitCommitted(long atLeast) {
    await(BOUND) { committed() >= atLeast }
  }

  void everyEventOnce() {
    awaitDrained()
    def out = readCommitted(sink)
    def seen = out.collect { new String(it.value()) }.countBy { it }
    def lost = (0..<RECORDS).findAll { !seen["v$it".toString()] }
    def twice = seen.findAll { it.value > 1 }
    assert lost.size() == 0
    assert twice.size() == 0
    receiptsJoin()
  }

  def "killed -9 in the middle of transactions, again and again, under load"() {
    when:
    def worker = worker('a')
    pour()
    (1..5).each { round ->
      awaitCommitted(round * 4_000)
      worker.kill()
      worker = this.worker('a')
    }

    then:
    everyEventOnce()
  }

  def "F1: an instance is killed -9 and another takes its partitions over; then it comes back"() {
    when:
    def first = worker('a')
    worker('b')
    pour()
    awaitCommitted(8_000)
    first.kill()
    awaitCommitted(16_000)
    worker('a')

    then:
    everyEventOnce()
  }

  def "F2: an instance stopped past its session is a zombie when it continues: nothing of it commits"() {
    when:
    def first = worker('a')
    pour()
    awaitCommitted(6_000)
    first.pause()
    worker('b')
    awaitCommitted(20_000)
    first.resume()

    then:
    everyEventOnce()
    first.alive
  }

  def "F6: the broker is killed -9 during commits and comes back on its data"() {
    when:
    worker('a')
    pour()
    awaitCommitted(8_000)
    own.kafka().node(0).restart()
    awaitCommitted(16_000)
    own.kafka().node(0).restart()

    then:
    everyEventOnce()
  }

  def "F11: Redis is killed and comes back empty under load: the claims are rebuilt before work goes on"() {
    when:
    worker('a')
    worker('b')
    pour()
    (1..3).each { round ->
      awaitCommitted(round * 6_000)
      own.redis().restart()
    }

    then:
    everyEventOnce()
  }

  def "F11: Redis is away for a while: the pipeline waits and goes on by itself"() {
    when:
    worker('a')
    pour()
    awaitCommitted(8_000)
    own.redis().pause()
    def standing = committed()
    own.redis().resume()

    then:
    everyEventOnce()
    standing < RECORDS
  }

  def "scaled out and in under load"() {
    when:
    worker('a')
    pour()
    awaitCommitted(4_000)
    def second = worker('b')
    awaitCommitted(12_000)
    def third = worker('c')
    awaitCommitted(18_000)
    second.terminate(java.time.Duration.ofSeconds(20))
    third.terminate(java.time.Duration.ofSeconds(20))

    then:
    everyEventOnce()
  }
}
