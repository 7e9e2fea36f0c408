package io.exactlyonce.engine

import io.exactlyonce.local.Backends
import io.exactlyonce.local.ChildJvm
import io.exactlyonce.local.ChildProcess
import io.exactlyonce.local.EmbeddedBackends
import io.exactlyonce.local.KafkaHelper
import org.apache.kafka.clients.admin.MemberDescription
import org.apache.kafka.clients.producer.KafkaProducer
import org.apache.kafka.clients.producer.ProducerRecord
import org.apache.kafka.common.errors.GroupIdNotFoundException
import org.apache.kafka.common.header.internals.RecordHeader
import org.apache.kafka.common.serialization.ByteArraySerializer
import spock.lang.AutoCleanup
import spock.lang.Shared

import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.CountDownLatch
import java.util.concurrent.ExecutionException
import java.util.concurrent.TimeUnit

/**
 * Workers as processes of their own, on a broker and a Redis of the spec's own, which may be broken.
 */
abstract class OwnBackendsSpec extends PipelineSpec {

  /** Sessions are short, so that a dead member is noticed soon; with KIP-848 they are the broker's. */
  static final Map<String, String> SHORT_SESSIONS = [
      'group.consumer.session.timeout.ms'       : '6000',
      'group.consumer.min.session.timeout.ms'   : '6000',
      'group.consumer.heartbeat.interval.ms'    : '500',
      'group.consumer.min.heartbeat.interval.ms': '500',
  ]

  static final int DUPLICATES = 10 // of so many events, one is sent again

  /** -Dtorture=true: every case and more rounds, too long for each build. */
  static final boolean TORTURE = Boolean.getBoolean('torture')

  @Shared
  @AutoCleanup
  EmbeddedBackends own

  @Shared
  Path logs

  int poured

  static List cases(List always, List inTorture) {
    TORTURE ? always + inTorture : always
  }

  /** The shared backends must not be broken; these may. */
  @Override
  void use(Backends started) {
    own = startOwn()
    logs = Files.createDirectories(Path.of('target', 'faults').toAbsolutePath())
    backends = own
    kafka = new KafkaHelper(own.bootstrapServers())
  }

  EmbeddedBackends startOwn() {
    EmbeddedBackends.start(1, SHORT_SESSIONS + brokerSettings())
  }

  /** What this spec's broker does otherwise than a broker does. */
  Map<String, String> brokerSettings() {
    [:]
  }

  ChildProcess worker(Map<String, Object> settings = [:], String instance) {
    def all = [source: source, sinks: sink, 'instance-id': instance, 'transaction-timeout': '6s', 'drain-timeout': '3s',
               'consumer.heartbeat.interval.ms': '500', 'commit-interval': '50ms',
               // Little is claimed ahead, so that a fault meets work that is claimed and work that is not.
               'in-flight-records': '600', 'consumer.max.poll.records': '100'] + settings
    if (all['group-protocol'] == 'consumer') {
      all.remove('consumer.heartbeat.interval.ms') // the broker's, as is the session
    } else {
      all.putIfAbsent('consumer.session.timeout.ms', '6000')
    }
    def args = [name, bootstrapServers, redisUri, '100'] + all.collect { k, v -> "$k=$v".toString() }
    def child = ChildJvm.start(logs, "$name-$instance", ['-Xmx256m', '-XX:TieredStopAtLevel=1'],
        'io.exactlyonce.wiring.TestWorker', args*.toString())
    opened << child
    child
  }

  /** So many events once in the source, one in ten again somewhere else; more at each call. */
  void pour(int events, int partitions = 3) {
    def random = new Random(poured)
    def records = []
    (poured..<poured + events).each { i ->
      records << event(i, i % partitions)
      if (i % DUPLICATES == 0) records << event(Math.max(0, i - random.nextInt(500)), random.nextInt(partitions))
    }
    produce(records)
    poured += events
  }

  /** Events at a steady rate while the body runs. */
  void underLoad(int perSecond, int partitions = 3, Runnable body) {
    def stop = new CountDownLatch(1)
    def sent = []
    def first = poured
    def load = Thread.start {
      new KafkaProducer<>(['bootstrap.servers': bootstrapServers], new ByteArraySerializer(), new ByteArraySerializer()).withCloseable { producer ->
        int i = first
        while (!stop.await(20, TimeUnit.MILLISECONDS)) {
          perSecond.intdiv(50).times { sent << producer.send(event(i, i % partitions)); i++ }
        }
        producer.flush()
      }
    }
    try {
      body.run()
    } finally {
      stop.countDown()
      load.join()
      poured += sent.size()
    }
    sent*.get() // a record that was not taken is none that was lost
  }

  /** 300 keys, each in one partition of three; but for the events that are sent again. */
  ProducerRecord<byte[], byte[]> event(int i, int partition) {
    new ProducerRecord<>(source, partition, null, "k${i % 300}".bytes, "v$i".bytes, [new RecordHeader('event-id', "e$i".bytes)])
  }

  List<MemberDescription> members() {
    try {
      admin.describeConsumerGroups([name]).all().get()[name].members().toList()
    } catch (ExecutionException e) {
      if (!(e.cause instanceof GroupIdNotFoundException)) throw e
      []
    }
  }

  /** Partitions of each worker, by its name. */
  Map<String, Set<Integer>> assignment() {
    members().collectEntries { [it.clientId(), it.assignment().topicPartitions()*.partition().toSet()] }
  }

  /** Each of so many workers has partitions, and together they have all. */
  void awaitShared(int workers, int partitions = 3) {
    await(BOUND) {
      def each = assignment().values()
      assert each.size() == workers && each.every { !it.empty } && each.sum { it.size() } == partitions && isStable()
    }
  }

  boolean isStable() {
    admin.describeConsumerGroups([name]).all().get()[name].groupState().toString() == 'Stable'
  }

  Map<Integer, Long> committedOffsets() {
    admin.listConsumerGroupOffsets(name).partitionsToOffsetAndMetadata().get()
        .findAll { it.value != null }.collectEntries { [it.key.partition(), it.value.offset()] }
  }

  long committed() {
    committedOffsets().values().sum() ?: 0
  }

  void awaitCommitted(long atLeast) {
    await(BOUND) { assert committed() >= atLeast }
  }

  /** All that is promised of what was poured, once all of it is committed. */
  void everyEventOnce() {
    awaitDrained()
    guarantees.all((0..<poured).collect { "v$it".toString() })
  }
}
