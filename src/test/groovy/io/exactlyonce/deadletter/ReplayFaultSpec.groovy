package io.exactlyonce.deadletter

import io.exactlyonce.cli.AuditCommand
import io.exactlyonce.engine.PipelineSpec
import io.exactlyonce.handler.Handler
import io.exactlyonce.handler.Outcome
import io.exactlyonce.local.ChildJvm
import io.exactlyonce.local.ChildProcess
import io.exactlyonce.local.EmbeddedBackends
import io.exactlyonce.local.KafkaHelper
import org.apache.kafka.clients.producer.ProducerRecord
import org.apache.kafka.common.header.internals.RecordHeader
import picocli.CommandLine
import spock.lang.AutoCleanup
import spock.lang.Shared
import spock.lang.Tag

import java.nio.file.Files
import java.nio.file.Path
import java.time.Duration

/** Whatever dies while dead letters are replayed: each is processed once. */
class ReplayFaultSpec extends PipelineSpec {

  static final int LETTERS = 6_000

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

  @Tag('long')
  def "replay, worker and Redis are killed in the middle, upstream sends again, and the replay is repeated: each event once"() {
    given: 'everything is a dead letter'
    def closed = run([:], { event -> Outcome.deadLetter('closed') } as Handler<String>)
    produce((0..<LETTERS).collect { event(it, it % 3) })
    awaitDrained()
    closed.close()

    when: 'the replay is killed between two of its transactions, or in one: three times, as chance has it'
    def worker = worker()
    def random = new Random()
    def whenKilled = 0
    3.times {
      def killed = replay(500)
      await(Duration.ofMinutes(2)) { assert replayed() > whenKilled }
      def until = System.nanoTime() + random.nextInt(1_000) * 1_000_000L
      await(BOUND) { assert System.nanoTime() > until }
      killed.kill()
      whenKilled = replayed()
    }

    and: 'it is repeated, and what it feeds dies too'
    def replay = this.replay()
    produce((0..<LETTERS).step(10).collect { event(it, (it + 1) % 3) })
    await(Duration.ofMinutes(2)) { assert replayed() > whenKilled + 1000 || !replay.alive }
    worker.kill()
    worker = this.worker()
    await(Duration.ofMinutes(2)) { assert replayed() > whenKilled + 2000 || !replay.alive }
    own.redis().restart()
    await(Duration.ofMinutes(2)) { assert !replay.alive }
    this.replay().with { again -> await(Duration.ofMinutes(2)) { assert !again.alive } }

    then:
    whenKilled < LETTERS
    replayed() == LETTERS
    everyEventOnce()

    and: 'copies with the header of a replay are still duplicates, after the rebuild too'
    def copies = readCommitted(source).findAll { it.headers().lastHeader('replay-of') != null }.take(500)
    produce(copies.collect { new ProducerRecord<byte[], byte[]>(source, (it.partition() + 1) % 3, it.key(), it.value(), it.headers()) })
    everyEventOnce()

    and: 'the audit finds nothing'
    new CommandLine(new AuditCommand()).execute(
        '--bootstrap-servers', bootstrapServers, '--group', name, '--source', source, '--sinks', sink) == 0
  }

  void everyEventOnce() {
    await(Duration.ofMinutes(3)) { assert isSettled(source) && lag() == 0 }
    awaitDrained()
    def seen = readCommitted(sink).collect { new String(it.value()) }.countBy { it }
    def lost = (0..<LETTERS).findAll { !seen["v$it".toString()] }
    def twice = seen.findAll { it.value > 1 }
    assert lost == []
    assert twice == [:]
    guarantees.receiptsJoin()
  }

  /** Letters that a committed transaction lists. */
  int replayed() {
    ("${name}.replays" as String) in admin.listTopics().names().get() ?
        readCommitted("${name}.replays").sum(0) { (new String(it.value()) =~ /"o":\[([^\]]*)]/)[0][1].split(',').size() } as int : 0
  }

  ProducerRecord<byte[], byte[]> event(int i, int partition) {
    new ProducerRecord<>(source, partition, null, "k$i".bytes, "v$i".bytes, [new RecordHeader('event-id', "e$i".bytes)])
  }

  ChildProcess worker() {
    start('io.exactlyonce.wiring.TestWorker', [name, bootstrapServers, redisUri, '100', "source=$source", "sinks=$sink",
        'instance-id=a', 'transaction-timeout=6s', 'drain-timeout=3s', 'commit-interval=50ms',
        'consumer.session.timeout.ms=6000', 'consumer.heartbeat.interval.ms=500',
        'in-flight-records=600', 'consumer.max.poll.records=100'])
  }

  ChildProcess replay(int rate = 2000) {
    start('io.exactlyonce.cli.Main', ['replay', '--bootstrap-servers', bootstrapServers, '--group', name, '--rate', rate])
  }

  ChildProcess start(String main, List args) {
    def child = ChildJvm.start(logs, "$name-${opened.size()}", ['-Xmx256m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'], main, args*.toString())
    opened << child
    child
  }
}
