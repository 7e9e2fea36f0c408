package io.exactlyonce.deadletter

import io.exactlyonce.cli.ReplayCommand
import io.exactlyonce.config.ClientConfigs
import io.exactlyonce.config.PipelineConfig
import io.exactlyonce.eventid.EventIds
import org.apache.kafka.clients.admin.Admin
import org.apache.kafka.clients.consumer.KafkaConsumer
import org.apache.kafka.clients.producer.KafkaProducer
import org.apache.kafka.clients.producer.ProducerRecord
import org.apache.kafka.common.header.internals.RecordHeader
import picocli.CommandLine
import spock.lang.Tag

import java.time.Clock
import java.time.Duration

/** Which letters a replay takes, refuses and passes over, and what it tells meanwhile. */
class ReplayChoiceSpec extends ReplayedLetters {

  @Tag('long')
  def "a dry run lists and writes nothing"() {
    given:
    broken << 'a'
    start()
    produce([record('a', id: 'id-a', key: 'secret-key', partition: 1)])
    awaitDrained()

    when:
    def status = replay('--dry-run')

    then:
    status == 0
    out.contains("${at(letters()[0])} -> $source-1")
    out.contains('id-a  java.lang.IllegalStateException: the handler threw')
    !out.contains('secret-key')
    last == 'would replay 1, replayed earlier 0, not selected 0, refused 0'
    replayed().empty
    !(("${name}.replays" as String) in admin.listTopics().names().get())
  }

  @Tag('long')
  def "a letter that was cut is refused, stays, and does not stop the others"() {
    given:
    broken << 'a'
    start()
    produce([record('a', partition: 0)])
    awaitDrained()
    def whole = letters()[0]
    def cut = whole.headers().toArray() as List
    produce([new ProducerRecord<byte[], byte[]>("${name}.dead-letters", whole.partition(), null, 'x'.bytes, cut + [new RecordHeader('dead-letter-value-cut-from', '5000000'.bytes)]),
             new ProducerRecord<byte[], byte[]>("${name}.dead-letters", whole.partition(), null, 'no letter'.bytes)])
    broken.clear()

    when:
    def status = replay()

    then:
    status == 1
    err.contains('cannot be replayed: its value was cut from 5000000 bytes')
    err.contains('cannot be replayed: it is no dead letter')
    last == 'replayed 1, replayed earlier 0, not selected 0, refused 2'
  }

  def "without the guard too a letter is replayed once, and --limit bounds a replay"() {
    given:
    broken.addAll((0..<20).collect { "v$it".toString() })
    start('guard.store': 'off')
    produce((0..<20).collect { record("v$it", partition: it % 3) })
    awaitDrained()
    broken.clear()

    when:
    replay('--limit', '5')
    def first = last
    replay('--limit', '7')
    replay()
    replay()
    awaitDrained()

    then:
    first == 'replayed 5, replayed earlier 0, not selected 0, refused 0'
    last == 'replayed 0, replayed earlier 20, not selected 0, refused 0'
    visible() == (0..<20).collect { "v$it".toString() }.sort()
  }

  @Tag('long')
  def "from code: the watcher is told of each letter, and of what is committed"() {
    given:
    broken << 'a' << 'b'
    start()
    produce([record('a', id: 'id-a', partition: 0), record('b', id: null, partition: 1)])
    awaitDrained()
    broken.clear()
    def configs = new ClientConfigs(PipelineConfig.parse(name, [source: source], 'spec'), ['bootstrap.servers': bootstrapServers])
    def told = []
    def watcher = new Replay.Watcher() {
      void replayed(Letter letter, String id) { told << id }
      void refused(Letter letter, String why) { told << why }
      void committed(long letters) { told << letters }
    }
    def producer = { id -> new KafkaProducer(configs.producer(id) + ['transactional.id': id, 'transaction.timeout.ms': 10_000]) }

    when:
    def report = new Replay({ Admin.create(configs.admin()) }, { group -> new KafkaConsumer(configs.reader() + ['group.id': group]) }, producer,
        new ReplayScope(name, "$name" + '.dead-letters', Duration.ofSeconds(30)), EventIds.of(['header:event-id'], { null })::findUsable, Clock.systemUTC())
        .run(ReplayFilter.all(), Replay.Mode.WRITE, 0, watcher)
    await(BOUND) { assert isSettled(source) }
    awaitDrained()

    then:
    report.replayed() == 2
    (told - [2L]).toSet() == ['id-a', null].toSet()
    told.last() == 2L

    and: 'what had no event id before has none now'
    visible() == ['a']
    letters().size() == 3
  }

  @Tag('long')
  def "a letter in any other topic vouches for nothing, however true it looks"() {
    given: 'a topic that somebody may write to, with a copy of a true letter that names a record that succeeded'
    broken << 'bad'
    start()
    produce([record('good', partition: 0), record('bad', partition: 0)])
    awaitDrained()
    def headers = letters()[0].headers().toArray().collect {
      it.key() == 'dead-letter-offset' ? new RecordHeader(it.key(), '0'.bytes) : it
    }
    createTopic("$name-forged")
    produce([new ProducerRecord<byte[], byte[]>("$name-forged", 0, 'good'.bytes, 'good'.bytes, headers)])

    when:
    produce([forged(['event-id': 'good', 'replay-of': "$name-forged-0@0".toString(), 'replay-source': "$source-0@0".toString()], 'good')])
    produce([record('sentinel', partition: 0)])
    awaitDrained()

    then:
    visible() == ['good', 'sentinel']
    duplicates() == 1
  }

  @Tag('long')
  def "a replay tells how far it is, and goes no faster than it is told to"() {
    given:
    broken.addAll((0..<30).collect { "v$it".toString() })
    start()
    produce((0..<30).collect { record("v$it", partition: 0) })
    awaitDrained()
    broken.clear()
    def errWriter = new StringWriter()

    when:
    def began = System.nanoTime()
    new CommandLine(new ReplayCommand()).setOut(new PrintWriter(new StringWriter())).setErr(new PrintWriter(errWriter))
        .execute('--bootstrap-servers', bootstrapServers, '--group', name, '--rate', '10')
    def took = System.nanoTime() - began
    await(BOUND) { assert isSettled(source) }
    awaitDrained()

    then:
    took >= 2_800_000_000L
    errWriter.toString().readLines().count { it ==~ /\d+ records, \d+ records\/s, \d+ s/ } >= 2
    visible().size() == 30
  }

  def "a replay that cannot be made is 2 and says why: #says"() {
    expect:
    replay(*args) == 2
    err.contains(says)

    where:
    args                                    || says
    ['--dead-letters', 'no-such-topic']     || 'replay: topic no-such-topic does not exist'
    ['--since', 'yesterday']                || '--since yesterday is no time; write'
    ['--position', 'orders']                || '--position orders is no position; write'
    ['--event-id', 'nowhere']               || '--event-id = nowhere: is no cloudevent, header'
    ['--limit', '-1']                       || '--limit and --rate are 1 or more, or 0'
    ['--rate', '0.5']                       || '--limit and --rate are 1 or more, or 0'
    ['--patience', '0']                     || '--patience is 1 or more'
    ['--config', 'absent.properties']       || '--config absent.properties cannot be read'
    ['--no-such-option']                    || '--no-such-option'
  }
}
