package io.exactlyonce.deadletter

import io.exactlyonce.cli.ReplayCommand
import io.exactlyonce.config.ClientConfigs
import io.exactlyonce.config.PipelineConfig
import io.exactlyonce.engine.PipelineSpec
import io.exactlyonce.eventid.EventIds
import io.exactlyonce.handler.Handler
import io.exactlyonce.handler.Outcome
import io.exactlyonce.handler.Output
import org.apache.kafka.clients.admin.Admin
import org.apache.kafka.clients.consumer.ConsumerRecord
import org.apache.kafka.clients.consumer.KafkaConsumer
import org.apache.kafka.clients.admin.AlterConfigOp
import org.apache.kafka.clients.admin.ConfigEntry
import org.apache.kafka.clients.consumer.OffsetAndMetadata
import org.apache.kafka.clients.producer.Producer
import org.apache.kafka.common.TopicPartition
import org.apache.kafka.common.config.ConfigResource
import org.apache.kafka.clients.producer.KafkaProducer
import org.apache.kafka.clients.producer.ProducerRecord
import org.apache.kafka.common.header.internals.RecordHeader
import picocli.CommandLine
import spock.lang.Tag

import java.time.Clock
import java.time.Duration
import java.time.Instant
import java.util.concurrent.ConcurrentHashMap

/** Dead letters go back to their source, and the guard admits each once though its id is claimed. */
class ReplaySpec extends PipelineSpec {

  /** Values that the handler throws at; emptied when it is mended. */
  Set<String> broken = ConcurrentHashMap.newKeySet()
  String out
  String err

  Handler<String> mendable() {
    String to = sink
    def wrong = broken
    return { event ->
      if (event.value() in wrong) throw event.value().startsWith('io') ? new IOException('no luck') : new IllegalStateException('no luck')
      Outcome.emit(Output.to(to, event.key(), event.value()))
    } as Handler<String>
  }

  def start(Map<String, String> settings = [:]) {
    run(['retry.attempts': '1'] + settings, mendable())
  }

  int replay(String... args) {
    def outWriter = new StringWriter()
    def errWriter = new StringWriter()
    def status = new CommandLine(new ReplayCommand())
        .setOut(new PrintWriter(outWriter)).setErr(new PrintWriter(errWriter))
        .execute(['--bootstrap-servers', bootstrapServers, *('--group' in args ? [] : ['--group', name]), '--quiet', *args] as String[])
    out = outWriter
    err = errWriter
    // What it committed is read once its markers are there; until then the source looks drained.
    await(BOUND) { isSettled(source) }
    status
  }

  String getLast() {
    out.readLines()[-1]
  }

  List<ConsumerRecord<byte[], byte[]>> letters() {
    readCommitted("${name}.dead-letters")
  }

  List<ConsumerRecord<byte[], byte[]>> replayed() {
    readCommitted(source).findAll { it.headers().lastHeader('replay-of') != null }
  }

  int duplicates() {
    receipts()*.spans().flatten().sum { it.duplicates().size() } as int
  }

  String at(ConsumerRecord<byte[], byte[]> record) {
    "${record.topic()}-${record.partition()}@${record.offset()}"
  }

  /** A copy as some upstream, or an attacker, would write it. */
  ProducerRecord<byte[], byte[]> forged(Map<String, String> headers, String value) {
    def all = headers.collect { k, v -> new RecordHeader(k, v.bytes) }
    new ProducerRecord<byte[], byte[]>(source, 0, value.bytes, value.bytes, all)
  }

  @Tag('long')
  def "a letter goes back as it was, marked with its origin, is processed once, and a second replay does nothing"() {
    given:
    broken << 'bad' << 'io-bad'
    start()
    def own = [new RecordHeader('event-id', 'bad'.bytes), new RecordHeader('h', 'x'.bytes), new RecordHeader('h', (byte[]) null)]
    produce([record('good', partition: 0), new ProducerRecord(source, 2, 'k'.bytes, 'bad'.bytes, own), record('io-bad', partition: 1)])
    awaitDrained()

    expect:
    visible() == ['good']

    when:
    broken.clear()
    def status = replay()
    awaitDrained()

    then:
    status == 0
    last == 'replayed 2, replayed before 0, not asked for 0, refused 0'
    visible() == ['bad', 'good', 'io-bad']
    duplicates() == 0

    and: 'as it was'
    def letter = letters().find { new String(it.value()) == 'bad' }
    with(replayed().find { new String(it.value()) == 'bad' }) {
      it.partition() == 2
      new String(it.key()) == 'k'
      it.headers().toArray().take(3) as List == own
      it.headers()*.key().drop(3) == ['replay-of', 'replay-source', 'replay-source-topic-id']
      header(it, 'replay-of') == at(letter)
      header(it, 'replay-source') == "$source-2@0"
    }

    when:
    def again = replay()
    awaitDrained()

    then:
    again == 0
    last == 'replayed 0, replayed before 2, not asked for 0, refused 0'
    replayed().size() == 2
    visible() == ['bad', 'good', 'io-bad']
    receiptsJoin()

    and: "the replay's group says that nothing is left"
    replayGroup() == letters().groupBy { it.partition() }.collectEntries { p, all -> [p, true] }
  }

  /** Per partition that holds letters: whether the group's offset is behind the last one. */
  Map<Integer, Boolean> replayGroup() {
    def committed = admin.listConsumerGroupOffsets("${name}.replay").partitionsToOffsetAndMetadata().get()
    letters().groupBy { it.partition() }.collectEntries { p, all ->
      [p, committed.find { it.key.partition() == p }.value.offset() > all*.offset().max()]
    }
  }

  @Tag('long')
  def "a letter that fails again is a letter again, and can be replayed again: the claim moves on each time"() {
    given:
    broken << 'bad'
    start()
    produce([record('bad', partition: 0)])
    awaitDrained()

    when:
    (1..3).each {
      assert replay() == 0
      awaitDrained()
    }

    then:
    letters().size() == 4
    visible() == []

    when:
    broken.clear()
    replay()
    awaitDrained()
    produce([record('bad', partition: 1)])
    produce(replayed().collect { forged(it.headers().collectEntries { h -> [h.key(), new String(h.value())] }, 'bad') })
    awaitDrained()

    then: 'neither upstream nor any older letter opens the guard again'
    visible() == ['bad']
    duplicates() == 5
  }

  def "a header proves nothing: what names a letter falsely is a duplicate as before"() {
    given:
    broken << 'bad' << 'worse'
    start()
    produce((0..<7).collect { record("good$it", partition: 0) } + record('bad', partition: 0) + record('worse', partition: 0))
    awaitDrained()
    def bad = at(letters().find { new String(it.value()) == 'bad' })
    broken.clear()
    def lies = [
        ['replay-of': "${name}.dead-letters-0@9999", 'replay-source': "$source-0@0"],
        ['replay-of': "${name}.dead-letters-99@0", 'replay-source': "$source-0@1"],
        ['replay-of': "$sink-0@0", 'replay-source': "$source-0@2"],
        // A letter that is there, of another record and with its true source; then with a false one.
        ['replay-of': bad, 'replay-source': "$source-0@7"],
        ['replay-of': bad, 'replay-source': "$source-0@4"],
        ['replay-of': 'x', 'replay-source': 'y'],
        ['replay-of': bad]]

    when:
    produce(lies.indexed().collect { i, headers -> forged(['event-id': "good$i".toString()] + headers, "good$i") } + record('sentinel', partition: 0))
    awaitDrained()

    then:
    visible() == (0..<7).collect { "good$it".toString() } + ['sentinel']
    duplicates() == 7
    letters().size() == 2
  }

  def "a letter vouches in its own group only: another group's guard drops the replayed record"() {
    given: 'two groups that share even the topic of dead letters; this one succeeded where the other failed'
    def other = "$name-other".toString()
    createTopic("$other-out")
    broken << 'bad'
    start()
    def fine = io.exactlyonce.wiring.TestPipeline.start(other,
        [source: source, sinks: "$other-out".toString(), 'dead-letters': "${name}.dead-letters".toString()],
        { event -> Outcome.emit(Output.to("$other-out".toString(), event.key(), event.value())) } as Handler<String>,
        bootstrapServers, redisUri)
    opened << fine
    produce([record('bad', partition: 0)])
    awaitDrained()
    await(BOUND) { values(readCommitted("$other-out")) == ['bad'] }

    when:
    broken.clear()
    replay()
    awaitDrained()
    produce([record('sentinel', partition: 0)])
    await(BOUND) { 'sentinel' in values(readCommitted("$other-out")) }
    awaitDrained()

    then:
    visible() == ['bad', 'sentinel']
    values(readCommitted("$other-out")) == ['bad', 'sentinel']
  }

  @Tag('long')
  def "what a filter did not choose can be replayed later"() {
    given:
    broken << 'a' << 'b' << 'io-c'
    start()
    produce(['a', 'b', 'io-c'].collect { record(it, partition: 0) })
    awaitDrained()
    broken.clear()
    def b = letters().find { new String(it.value()) == 'b' }

    expect: 'each filter, shown by a dry run'
    [['--exception', 'java.io.IOException']                   : ['io-c'],
     ['--exception', 'IllegalStateException']                 : ['a', 'b'],
     ['--reason', 'The Handler Threw']                        : ['a', 'b', 'io-c'],
     ['--reason', 'nothing like it']                          : [],
     ['--reason', 'nothing like it', '--reason', '1 attempts'] : ['a', 'b', 'io-c'],
     ['--id', 'a', '--id', 'io-c']                            : ['a', 'io-c'],
     ['--position', "$source-0@1".toString()]                 : ['b'],
     ['--position', at(b)]                                    : ['b'],
     ['--since', 'PT1H']                                      : ['a', 'b', 'io-c'],
     ['--until', 'PT1H']                                      : [],
     ['--since', b.timestamp().with { Instant.ofEpochMilli(it - 60_000).toString() }] : ['a', 'b', 'io-c'],
     ['--until', b.timestamp().with { Instant.ofEpochMilli(it - 60_000).toString() }] : [],
     ['--exception', 'IllegalStateException', '--id', 'b']    : ['b']].each { args, chosen ->
      assert replay('--dry-run', *args) == 0
      assert last == "would replay ${chosen.size()}, replayed before 0, not asked for ${3 - chosen.size()}, refused 0"
      chosen.each { assert out.contains("  $it  ") }
    }

    when:
    replay('--exception', 'IOException')
    awaitDrained()

    then:
    visible() == ['io-c']

    when:
    replay()
    awaitDrained()

    then:
    visible() == ['a', 'b', 'io-c']
    replayed().size() == 3
    duplicates() == 0
  }

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
    last == 'would replay 1, replayed before 0, not asked for 0, refused 0'
    replayed().empty
    !(("${name}.replays" as String) in admin.listTopics().names().get())
  }

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
    err.contains('stays: its value was cut from 5000000 bytes')
    err.contains('stays: it is no dead letter')
    last == 'replayed 1, replayed before 0, not asked for 0, refused 2'
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
    first == 'replayed 5, replayed before 0, not asked for 0, refused 0'
    last == 'replayed 0, replayed before 20, not asked for 0, refused 0'
    visible() == (0..<20).collect { "v$it".toString() }.sort()
  }

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
    await(BOUND) { isSettled(source) }
    awaitDrained()

    then:
    report.replayed() == 2
    (told - [2L]).toSet() == ['id-a', null].toSet()
    told.last() == 2L

    and: 'what had no event id before has none now'
    visible() == ['a']
    letters().size() == 3
  }

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
  def "letters of a topic made anew are others: no list or offset of before hides them (pipeline #state)"() {
    given: 'three letters that were replayed'
    createTopic("${name}.dead-letters")
    broken.addAll(['a', 'b', 'c'])
    def first = start()
    produce(['a', 'b', 'c'].collect { record(it, partition: 0) })
    awaitDrained()
    broken.clear()
    replay()
    awaitDrained()
    if (state == 'down') first.close()
    def stood = replayOffset()

    when:
    admin.deleteTopics(["${name}.dead-letters".toString()]).all().get()
    await(BOUND) { !(("${name}.dead-letters" as String) in admin.listTopics().names().get()) }
    createTopic("${name}.dead-letters")
    broken.addAll(['d', 'e'])
    if (state == 'down') start()
    // The broker forgets a deleted topic's offsets some time later; a replay that still ran could write them anew.
    admin.alterConsumerGroupOffsets("${name}.replay", [(new TopicPartition("${name}.dead-letters", 0)): stood]).all().get()
    produce(['d', 'e'].collect { record(it, partition: 0) })
    awaitDrained()
    broken.clear()
    def status = replay()
    awaitDrained()

    then:
    status == 0
    last == 'replayed 2, replayed before 0, not asked for 0, refused 0'
    visible() == ['a', 'b', 'c', 'd', 'e']

    and: 'the offsets say of which topic they are'
    def now = replayOffset()
    stood.metadata() != now.metadata()
    now.metadata() == admin.describeTopics(["${name}.dead-letters".toString()]).allTopicNames().get().values()[0].topicId().toString()

    where:
    state << ['down', 'running']
  }

  OffsetAndMetadata replayOffset() {
    admin.listConsumerGroupOffsets("${name}.replay").partitionsToOffsetAndMetadata().get()[new TopicPartition("${name}.dead-letters", 0)]
  }

  def "an offset that an older version wrote, without its topic's id, still says what was replayed"() {
    given:
    broken.addAll(['a', 'b'])
    start()
    produce(['a', 'b'].collect { record(it, partition: 0) })
    awaitDrained()
    broken.clear()
    admin.alterConsumerGroupOffsets("${name}.replay",
        letters().collectEntries { [new TopicPartition(it.topic(), it.partition()), new OffsetAndMetadata(it.offset() + 1)] }).all().get()

    expect:
    replay() == 0
    last == 'replayed 0, replayed before 0, not asked for 0, refused 0'
  }

  def "a letter that its source refuses is named, nothing of its transaction is committed, and it can be replayed later"() {
    given: 'one of some KB that cannot be compressed'
    def large = (0..<200).collect { UUID.randomUUID() }.join()
    broken.addAll(['a', large])
    start('guard.store': 'off')
    produce([record('a', partition: 0), record(large, partition: 0, id: 'b', key: 'b')])
    awaitDrained()
    broken.clear()
    def refused = at(letters().find { it.value().length > 1 })
    limit(source, '2000')

    when:
    def status = replay()

    then:
    status == 2
    err.contains("replay: $refused cannot be written to $source-0: org.apache.kafka.common.errors.RecordTooLargeException")
    replayed().empty

    when:
    limit(source, '1000000')
    replay()
    awaitDrained()

    then:
    last == 'replayed 2, replayed before 0, not asked for 0, refused 0'
    visible() == ['a', large].sort()
  }

  void limit(String topic, String bytes) {
    def resource = new ConfigResource(ConfigResource.Type.TOPIC, topic)
    admin.incrementalAlterConfigs([(resource): [new AlterConfigOp(new ConfigEntry('max.message.bytes', bytes), AlterConfigOp.OpType.SET)]]).all().get()
    await(BOUND) { admin.describeConfigs([resource]).all().get()[resource].get('max.message.bytes').value() == bytes }
  }

  def "what another replay commits until it is fenced is on the list that the next one reads"() {
    given: 'two letters, of which the other replay chooses the second, so that the offsets stay before both'
    broken << 'a' << 'b'
    start()
    produce([record('a', id: 'id-a', partition: 0), record('b', id: 'id-b', partition: 0)])
    awaitDrained()
    broken.clear()
    def onlyB = new ReplayFilter(null, null, Set.of(), Set.of(), Set.of('id-b'), Set.of())

    when:
    def report = fromCode { replayFromCode(onlyB) { } }

    then:
    report.replayed() == 1
    report.before() == 1
    await(BOUND) { isSettled(source) }
    replayed()*.value().collect { new String(it) }.sort() == ['a', 'b']
  }

  ReplayReport fromCode(Closure beforeFence) {
    replayFromCode(ReplayFilter.all(), beforeFence)
  }

  ReplayReport replayFromCode(ReplayFilter filter, Closure beforeFence) {
    def configs = new ClientConfigs(PipelineConfig.parse(name, [source: source], 'spec'), ['bootstrap.servers': bootstrapServers])
    def watcher = new Replay.Watcher() {
      void replayed(Letter letter, String id) {}
      void refused(Letter letter, String why) {}
    }
    new Replay({ Admin.create(configs.admin()) }, { group -> new KafkaConsumer(configs.reader() + ['group.id': group]) },
        { id -> new Fencing(new KafkaProducer(configs.producer(id) + ['transactional.id': id, 'transaction.timeout.ms': 10_000]), beforeFence) },
        new ReplayScope(name, "$name" + '.dead-letters', Duration.ofSeconds(30)), EventIds.of(['header:event-id'], { null })::findUsable, Clock.systemUTC())
        .run(filter, Replay.Mode.WRITE, 0, watcher)
  }

  /** Something happens right before it takes the transactional id over. */
  static class Fencing implements Producer<byte[], byte[]> {
    @Delegate
    final KafkaProducer<byte[], byte[]> producer
    final Closure before

    Fencing(KafkaProducer<byte[], byte[]> producer, Closure before) {
      this.producer = producer
      this.before = before
    }

    @Override
    void initTransactions() {
      before()
      producer.initTransactions()
    }
  }

  def "a letter of a record that was a letter already is the later one's: it goes back to where that came from"() {
    given: "a second pipeline reads the first one's dead letters, and fails"
    def second = "$name-second".toString()
    createTopic("$second-out")
    broken << 'bad'
    start()
    def reader = io.exactlyonce.wiring.TestPipeline.start(second,
        [source: "${name}.dead-letters".toString(), sinks: "$second-out".toString(), 'retry.attempts': '1'],
        { event -> throw new IOException('second') } as Handler<String>, bootstrapServers, redisUri)
    opened << reader
    produce([record('bad', partition: 1)])
    awaitDrained()
    await(BOUND) { ("${second}.dead-letters" as String) in admin.listTopics().names().get() && readCommitted("${second}.dead-letters").size() == 1 }
    def letter = letters()[0]
    def again = new Letter(readCommitted("${second}.dead-letters")[0])

    expect:
    again.group() == second
    again.exception() == 'java.io.IOException'
    again.source().toString() == at(letter)
    new Letter(letter).source().toString() == "$source-1@0"

    when:
    reader.close()
    def status = replay('--group', second)
    await(BOUND) { isSettled("${name}.dead-letters") }

    then: "with the first letter's headers, and none of the second's"
    status == 0
    letters().size() == 2
    with(letters().find { header(it, 'replay-of') != null }) {
      headers()*.key().count { it == 'dead-letter-topic' } == 1
      header(it, 'dead-letter-topic') == source
      header(it, 'replay-source') == at(letter)
    }
  }

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
    await(BOUND) { isSettled(source) }
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
