package io.exactlyonce.engine

import io.exactlyonce.local.ChildJvm
import io.exactlyonce.local.ChildProcess
import org.apache.kafka.clients.producer.ProducerRecord
import spock.lang.Tag

/** Records that fail, in a process that is killed: dead letters, waiting records and offsets agree. */
class FailingFaultSpec extends OwnBackendsSpec {

  static final int EVENTS = 6_000

  ChildProcess fussy(Map<String, String> settings) {
    def all = [source: source, sinks: sink, 'instance-id': 'a', 'transaction-timeout': '6s', 'drain-timeout': '3s',
               'consumer.session.timeout.ms': '6000', 'consumer.heartbeat.interval.ms': '500', 'commit-interval': '50ms',
               'in-flight-records': '300', 'consumer.max.poll.records': '50', concurrency: '4',
               'retry.attempts': '2', 'retry.backoff': '10ms'] + settings
    def args = [name, bootstrapServers, redisUri] + all.collect { k, v -> "$k=$v".toString() }
    def child = ChildJvm.start(logs, "$name-a", ['-Xmx256m', '-XX:TieredStopAtLevel=1'], 'io.exactlyonce.wiring.FussyWorker', args*.toString())
    opened << child
    child
  }

  /** Of the source alone. */
  @Override
  long committed() {
    def all = admin.listConsumerGroupOffsets(name).partitionsToOffsetAndMetadata().get()
    all.findAll { it.key.topic() == source && it.value != null }.values()*.offset().sum() ?: 0
  }

  static String kind(int i) {
    ['no', 'bad', 'late'][i % 40] ?: 'v'
  }

  /** One in forty of each kind that fails; one in ten comes twice. */
  List<ProducerRecord<byte[], byte[]>> events(boolean late) {
    (0..<EVENTS).collectMany { i ->
      def kind = kind(i) == 'late' && !late ? 'v' : kind(i)
      def event = record("$kind$i".toString(), partition: i % 3, key: "k${i % 300}".toString())
      i % 10 == 0 ? [event, record("$kind$i".toString(), partition: (i + 1) % 3)] : [event]
    }
  }

  @Tag('long')
  def "killed -9 again and again: every event once in the sink or the dead letters (ordering #ordering, retry topics #topics)"() {
    given:
    def random = new Random(7)
    def settings = [ordering: ordering] + (topics ? ['retry.topics': topics.join(',')] : [:])

    when:
    def worker = fussy(settings)
    produce(events(!topics.empty))
    (1..(TORTURE ? 10 : 3)).each { round ->
      awaitCommitted(Math.min(EVENTS, committed() + 300 + random.nextInt(900)))
      worker.kill()
      worker = fussy(settings)
    }
    awaitRetried(topics as String[])

    then:
    def expected = (0..<EVENTS).groupBy { kind(it) in ['no', 'bad'] ? 'letters' : 'sink' }
    def text = { int i -> ((kind(i) == 'late' && topics.empty ? 'v' : kind(i)) + i).toString() }
    visible() == expected['sink'].collect(text).sort()
    values(readCommitted(name + '.dead-letters')).sort() == expected['letters'].collect(text).sort()
    guarantees.receiptsJoin()
    guarantees.audit(topics as String[]).isClean()

    and: 'those that came too early did wait'
    topics.empty || receipts()*.spans().flatten().sum { it.delayed().size() } >= EVENTS.intdiv(40)

    where:
    ordering    | topics
    'key'       | []
    'none'      | ['300ms', '1s']
  }
}
