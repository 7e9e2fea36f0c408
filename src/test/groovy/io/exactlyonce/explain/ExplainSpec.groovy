package io.exactlyonce.explain

import io.exactlyonce.cli.ReplayCommand
import io.exactlyonce.deadletter.RecordPosition
import io.exactlyonce.engine.PipelineSpec
import io.exactlyonce.eventid.EventIds
import io.exactlyonce.handler.Handler
import io.exactlyonce.handler.Outcome
import io.exactlyonce.handler.Output
import io.exactlyonce.local.LocalRedis
import io.exactlyonce.receipt.HandMadePipeline
import io.exactlyonce.receipt.Receipt
import io.exactlyonce.receipt.Receipts
import io.exactlyonce.wiring.ClaimReading
import io.exactlyonce.wiring.TestPipeline
import org.apache.kafka.clients.admin.Admin
import org.apache.kafka.clients.admin.RecordsToDelete
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata
import org.apache.kafka.clients.consumer.OffsetAndMetadata
import org.apache.kafka.clients.producer.KafkaProducer
import org.apache.kafka.clients.producer.ProducerRecord
import org.apache.kafka.common.KafkaException
import org.apache.kafka.common.TopicPartition
import org.apache.kafka.common.serialization.ByteArraySerializer
import picocli.CommandLine
import spock.lang.Tag

import java.time.Clock
import java.time.Duration
import java.time.Instant
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.CountDownLatch

import static io.exactlyonce.explain.Fate.DEAD_LETTER
import static io.exactlyonce.explain.Fate.DUPLICATE
import static io.exactlyonce.explain.Fate.GIVEN_UP
import static io.exactlyonce.explain.Fate.NEVER_SEEN
import static io.exactlyonce.explain.Fate.NOT_YET
import static io.exactlyonce.explain.Fate.PROCESSED
import static io.exactlyonce.explain.Fate.REPLAYED
import static io.exactlyonce.explain.Fate.SKIPPED
import static io.exactlyonce.explain.Fate.UNKNOWN
import static io.exactlyonce.explain.Fate.WAITING
import static io.exactlyonce.explain.Step.What.LETTER
import static io.exactlyonce.explain.Step.What.OUTPUT
import static io.exactlyonce.explain.Step.What.RECEIPT
import static io.exactlyonce.explain.Step.What.RECORD
import static io.exactlyonce.explain.Step.What.REPLAY
import static io.exactlyonce.explain.Step.What.RETRY
import static io.exactlyonce.explain.Step.What.REWIND

/** Where an event is: every outcome that an event of a real pipeline can have, told from the log. */
class ExplainSpec extends PipelineSpec {

  /** Values that the handler throws at. */
  Set<String> broken = ConcurrentHashMap.newKeySet()

  def "a processed event has its record, its outputs and its receipt in a time line, by id and by position"() {
    given:
    String to = sink
    run([:], { event -> Outcome.emit(Output.to(to, 'k', 'one'), Output.to(to, 'l', 'two')) } as Handler<String>)
    produce((0..<40).collect { record("v$it", partition: 1) })
    awaitDrained()

    when:
    def found = id('v30')
    def sighting = found.records()[0]

    then:
    found.fate() == PROCESSED
    found.isProcessed()
    found.records()*.position()*.toString() == ["$source-1@30".toString()]
    sighting.eventId() == 'v30'
    sighting.why() == 'it has 2 outputs'

    and: 'the outputs are those of this record, where they are'
    sighting.steps()*.what() == [RECORD, OUTPUT, OUTPUT, RECEIPT]
    def outputs = readCommitted(sink).findAll { header(it, 'source-position').startsWith("$source-1@30;") }
    outputs.size() == 2
    steps(sighting, OUTPUT)*.at().toSet() == outputs.collect { RecordPosition.of(it) }.toSet()
    steps(sighting, OUTPUT)*.told().toSet() == ['v30/0', 'v30/1'].toSet()

    and: 'the receipt is the one that accounts for it'
    def step = steps(sighting, RECEIPT)[0]
    def receipt = readCommitted("$name" + '.receipts').find { RecordPosition.of(it) == step.at() }
    receipt != null
    step.receipt().spans().any { it.topic() == source && it.partition() == 1 && it.from() <= 30 && 30 < it.to() }
    step.receipt().transactionalId().startsWith(name)
    step.told().startsWith("of $source-1@")

    and: 'the same by its position, and by that of an output'
    brief(position("$source-1@30")) == brief(found)
    position("$source-1@30").read().since() == null
    brief(position(steps(sighting, OUTPUT)[1].at().toString())) == brief(found)

    and: 'how much was read is told'
    found.read().sources() == 40
    found.read().allReceipts()
  }

  def "of a duplicate the position that was processed is told, whichever partition it is in"() {
    given:
    run()
    produce([record('a', partition: 0), record('b', partition: 0)])
    awaitDrained()
    produce([record('c', partition: 2), record('b', partition: 2)])
    awaitDrained()

    when:
    def found = position("$source-2@1")

    then:
    found.fate() == DUPLICATE
    !found.isProcessed()
    found.records()[0].other().toString() == "$source-0@1"
    found.why() == "its event id is held by $source-0@1"
    found.records()*.position()*.toString() == ["$source-2@1", "$source-0@1"]*.toString()
    found.records()[1].fate() == PROCESSED

    when: 'asked by the id, it is processed, and the duplicate is among the records'
    def byId = id('b')

    then:
    byId.fate() == PROCESSED
    byId.isProcessed()
    byId.records()*.fate() == [PROCESSED, DUPLICATE]
    byId.records()[1].other().toString() == "$source-0@1"
  }

  def "of a dead letter it is told why, and where the letter is"() {
    given:
    broken << 'io-a'
    mendable()
    produce([record('x', partition: 1), record('io-a', id: 'id-a', partition: 1)])
    awaitDrained()

    when:
    def found = id('id-a')
    def letter = readCommitted("$name" + '.dead-letters')[0]

    then:
    found.fate() == DEAD_LETTER
    !found.isProcessed()
    found.why() == 'the handler threw at each of 1 attempts: java.io.IOException'
    found.records()[0].other() == RecordPosition.of(letter)
    found.records()[0].steps()*.what() == [RECORD, LETTER, RECEIPT]

    and: 'and by the place of the letter'
    brief(position(RecordPosition.of(letter).toString())) == brief(found)
  }

  @Tag('long')
  def "a dead letter that was replayed leads to the record that it was replayed as"() {
    given:
    broken << 'io-a'
    mendable()
    produce([record('io-a', id: 'id-a', partition: 1)])
    awaitDrained()
    broken.clear()
    replay()
    awaitDrained()

    when:
    def found = position("$source-1@0")
    def again = readCommitted(source).find { it.headers().lastHeader('replay-of') }

    then:
    found.fate() == REPLAYED
    found.isProcessed()
    found.records()[0].other() == RecordPosition.of(again)
    found.records()*.fate() == [REPLAYED, PROCESSED]
    found.records()[0].steps()*.what() == [RECORD, LETTER, RECEIPT, REPLAY]
    found.records()[1].steps()*.what() == [RECORD, OUTPUT, RECEIPT]
    found.records()[1].steps()[0].told() == "written by the replay of ${steps(found.records()[0], LETTER)[0].at()}"

    and:
    id('id-a').fate() == PROCESSED
    id('id-a').records()*.fate().toSet() == [REPLAYED, PROCESSED].toSet()
  }

  @Tag('long')
  def "a record that waits for a retry has its topic and time, and after it its outputs"() {
    given:
    broken << 'io-a'
    mendable([ordering: 'none', 'retry.topics': '10s'])
    produce([record('io-a', id: 'id-a', partition: 1)])
    awaitDrained()
    await(BOUND) { isSettled("$name" + '.retry.10s') }
    def waiting = readCommitted("$name" + '.retry.10s')[0]

    when:
    def found = id('id-a')
    def sighting = found.records()[0]

    then:
    found.fate() == WAITING
    !found.isProcessed()
    sighting.other() == RecordPosition.of(waiting)
    Duration.between(Instant.ofEpochMilli(waiting.timestamp()), sighting.until()).toSeconds() in [9L, 10L]
    found.why() == "it waits in ${name}.retry.10s until ${sighting.until()}"
    sighting.steps()*.what() == [RECORD, RETRY, RECEIPT]

    and: 'so by the place where it waits'
    brief(position(RecordPosition.of(waiting).toString())) == brief(found)

    when:
    broken.clear()
    awaitRetried('10s')
    def after = id('id-a')

    then: 'its outputs carry the place in the retry topic'
    after.fate() == PROCESSED
    after.records()[0].steps()*.what() == [RECORD, RETRY, RECEIPT, OUTPUT, RECEIPT]
    brief(position(steps(after.records()[0], OUTPUT)[0].at().toString())) == brief(after)
  }

  def "an event that is in flight, and one behind it, are not processed yet"() {
    given:
    def gate = new CountDownLatch(1)
    run([:], { event ->
      if (event.value() == 'slow') gate.await()
      Outcome.skip('seen')
    } as Handler<String>)
    produce([record('first', partition: 0)])
    awaitDrained()
    produce([record('slow', partition: 0), record('behind', partition: 0)])
    def at = readCommitted(source).collectEntries { [new String(it.value()), it.offset()] }

    expect:
    with(id('slow')) {
      fate() == NOT_YET
      !isProcessed()
      why() ==~ /the group's offset is \d+, and it is the next one: in flight, or its partition is stopped at it, .*/
      records()[0].steps()*.what() == [RECORD]
    }
    with(position("$source-0@${at['behind']}")) {
      fate() == NOT_YET
      why() ==~ /the group's offset is \d+: in flight, or not yet read/
    }

    cleanup:
    gate.countDown()
  }

  def "at a stop for a decision the record is the next one that the group has to process"() {
    given:
    broken << 'bad'
    def pipeline = mendable(['retry.on-exhausted': 'stop']).pipeline()
    produce([record('bad', partition: 0), record('b', partition: 0)])
    await(BOUND) { !pipeline.status().stops().empty }

    expect:
    id('bad').fate() == NOT_YET
    id('bad').why().endsWith('and it is the next one: in flight, or its partition is stopped at it, which /pipelines shows')
    id('b').why().endsWith(': in flight, or not yet read')
  }

  def "what its handler skipped, what a decision gave up and what was set back are told"() {
    given:
    def pipeline = handMade()
    produce(pipeline.records(0, 8))
    pipeline.transaction(0, 0, 2)
    write(new Receipt.Span(source, pipeline.sourceId, 0, 2, 3, new Receipt.Outcomes(0, 1, [], []), Receipt.Sums.UNKNOWN), [])
    write(new Receipt.Span(source, pipeline.sourceId, 0, 3, 4, new Receipt.Outcomes(0, 0, [], [], [3L], []), Receipt.Sums.UNKNOWN),
        [new Receipt.Decision("$source-0@3", 'skip', 'asked the bank', 'me')])
    pipeline.transaction(0, 4, 6)

    expect:
    position("$source-0@2").fate() == SKIPPED
    position("$source-0@2").isProcessed()
    position("$source-0@3").fate() == GIVEN_UP
    position("$source-0@3").why() == 'it was given up by decision (skip): asked the bank'

    when: 'the group goes back'
    pipeline.rewind(0, 6, 5)

    then:
    with(position("$source-0@5")) {
      fate() == NOT_YET
      why().startsWith("the group was set back before it; the group's offset is 5, and it is the next one")
      records()[0].steps()*.what().toSet() == [RECORD, RECEIPT, REWIND].toSet()
    }
    position("$source-0@4").fate() == PROCESSED
  }

  def "what is not in the log was never seen: an id, a coming offset, a marker, an open transaction"() {
    given:
    run()
    produce([record('a', partition: 0)])
    awaitDrained()
    def producer = new KafkaProducer<byte[], byte[]>(
        ['bootstrap.servers': bootstrapServers, 'transactional.id': "$name-other".toString()], new ByteArraySerializer(), new ByteArraySerializer())
    producer.initTransactions()
    producer.beginTransaction()
    producer.send(record('aborted', partition: 0)).get()
    producer.abortTransaction()
    producer.beginTransaction()
    producer.send(record('open', partition: 2)).get()

    expect:
    with(id('nobody')) {
      fate() == NEVER_SEEN
      records() == []
      why() == "no record of [$source] has it"
      read().sources() == 1
    }
    id('aborted').fate() == NEVER_SEEN
    id('open').fate() == NEVER_SEEN
    position("$source-1@5").why() == "$source-1 ends at 0"
    position("$source-0@1").why().startsWith('no record is there')
    position("$source-2@0").why().startsWith("its producer's transaction is open")
    ["$source-1@5", "$source-0@1", "$source-2@0"].every { position(it.toString()).fate() == NEVER_SEEN }

    cleanup:
    producer?.abortTransaction()
    producer?.close(Duration.ZERO)
  }

  def "an id is searched from a time on, and the time is told"() {
    given:
    def pipeline = handMade()
    long now = System.currentTimeMillis()
    produce([pipeline.record(0, 'old', now - 7_200_000), pipeline.record(0, 'new', now)])
    pipeline.transaction(0, 0, 2)

    expect:
    id('old').fate() == PROCESSED
    with(id('old', Instant.ofEpochMilli(now - 3_600_000))) {
      fate() == NEVER_SEEN
      read().since() == Instant.ofEpochMilli(now - 3_600_000)
      read().sources() == 1
    }
  }

  def "without a receipt left an event before the group's offset is unknown, and it is said why"() {
    given:
    def pipeline = handMade()
    produce(pipeline.records(0, 8))
    pipeline.transaction(0, 0, 4)
    pipeline.transaction(0, 4, 5, receipt: false)

    expect: 'nothing was deleted: somebody else moved the offset'
    position("$source-0@4").fate() == UNKNOWN
    position("$source-0@4").why() == "the group's offset, 5, was set past it without a receipt"

    when:
    def receipts = partitionsOf("$name" + '.receipts')
    admin.deleteRecords(receipts.collectEntries { [it, RecordsToDelete.beforeOffset(-1)] }).all().get()

    then:
    with(id('id-0-2')) {
      fate() == UNKNOWN
      !isProcessed()
      why().startsWith('no receipt of it is left')
    }
  }

  def "a receipt is found though the record's time is of long before or of the future"() {
    given:
    def pipeline = handMade()
    long now = System.currentTimeMillis()
    produce([pipeline.record(0, 'ancient', 1_000L), pipeline.record(0, 'future', now + 3_000_000L)])
    pipeline.transaction(0, 0, 2)

    expect:
    position("$source-0@0").fate() == PROCESSED
    position("$source-0@1").fate() == PROCESSED
    position("$source-0@1").records()[0].steps()*.what().toSet() == [RECORD, OUTPUT, RECEIPT].toSet()
  }

  def "a record that is gone from its source is told of by its receipt"() {
    given:
    def pipeline = handMade()
    produce(pipeline.records(0, 4))
    pipeline.transaction(0, 0, 4)
    admin.deleteRecords([(partitionsOf(source)[0]): RecordsToDelete.beforeOffset(2)]).all().get()

    expect:
    with(position("$source-0@1")) {
      fate() == PROCESSED
      records()[0].eventId() == null
      records()[0].steps()*.what().toSet() == [OUTPUT, RECEIPT].toSet()
    }
  }

  def "a topic that was made anew has other records: receipts of the earlier one do not count"() {
    given:
    def pipeline = handMade()
    produce(pipeline.records(0, 4))
    pipeline.transaction(0, 0, 4)
    admin.deleteTopics([source]).all().get()
    await(BOUND) { !admin.listTopics().names().get().contains(source) }
    createTopic(source, 3)
    produce(pipeline.records(0, 4))

    expect:
    with(position("$source-0@1")) {
      fate() == NOT_YET
      why().startsWith('the group has no offset of it')
    }
  }

  @Tag('long')
  def "while Redis is away all of it is told from the log"() {
    given:
    def redis = LocalRedis.start()
    def running = TestPipeline.start(name, [source: source, sinks: sink], copy(), bootstrapServers, redis.uri())
    opened << redis << running
    produce([record('a', partition: 0)])
    awaitDrained()
    produce([record('a', partition: 1)])
    awaitDrained()

    expect: 'while it is there, its claim is a line more'
    withClaims(redis.uri()).id('a').claim() == "held by $source-0@0"
    withClaims(redis.uri()).position(RecordPosition.parse("$source-1@0".toString())).claim() == "held by $source-0@0"
    id('a').claim() == null

    when:
    redis.close()
    produce([record('b', partition: 0)])

    then:
    with(withClaims(redis.uri()).id('a')) {
      fate() == PROCESSED
      claim() == "not known: Redis at ${redis.uri() - 'redis://'} did not answer"
    }
    id('a').records()*.fate() == [PROCESSED, DUPLICATE]
    position("$source-1@0").records()[0].other().toString() == "$source-0@0"
    id('b').fate() == NOT_YET
  }

  def "what cannot be asked is refused with what to do: #says"() {
    given:
    def pipeline = handMade()
    produce(pipeline.records(0, 1))
    pipeline.transaction(0, 0, 1)

    when:
    def explain = explain(ExplainScope.of(group ?: name, [topic ?: source] as Set))
    at == null ? explain.id('a') : explain.position(RecordPosition.parse(at.replace('SOURCE', source).replace('SINK', sink)))

    then:
    def e = thrown(KafkaException)
    e.message.contains(says.replace('SOURCE', source))

    where:
    group    | topic      | at            || says
    'nobody' | null       | null          || "group nobody has no offsets, and there is no topic nobody.receipts; check the group's name"
    null     | 'no-topic' | null          || 'topic no-topic does not exist'
    null     | null       | 'SOURCE-7@1'  || 'there is no SOURCE-7: SOURCE has 3 partitions'
    null     | null       | 'no-topic-0@1' || 'topic no-topic does not exist'
    null     | null       | 'SINK-2@999'  || 'and no record there names one; its topics are [SOURCE]'
  }

  /** What two answers are compared by, and what is shown of them where they differ. */
  List brief(Explanation of) {
    of.records().collect { [it.position(), it.fate(), it.why(), it.other(), it.steps().collect { [it.what(), it.at(), it.told()] }] }
  }

  List<Step> steps(Sighting sighting, Step.What what) {
    sighting.steps().findAll { it.what() == what }
  }

  Explain explain(ExplainScope scope) {
    new Explain({ Admin.create(['bootstrap.servers': bootstrapServers] as Map<String, Object>) }, { reader() }, scope,
        EventIds.of(['header:event-id'], { null })::findUsable, Clock.systemUTC(), null)
  }

  Explain withClaims(String uri) {
    def plain = explain(ExplainScope.of(name, [] as Set))
    new Explain(plain.admins(), plain.readers(), plain.scope(), plain.eventIds(), plain.clock(), { ClaimReading.find('redis', uri, name, it) })
  }

  def reader() {
    new HandMadePipeline(bootstrapServers, admin, name, source, sink).consumer()
  }

  Explanation id(String id, Instant since = null) {
    def of = ExplainScope.of(name, [source] as Set)
    explain(new ExplainScope(of.group(), of.sources(), of.receipts(), of.deadLetters(), of.replays(), of.headers(), since, of.window(), of.patience())).id(id)
  }

  Explanation position(CharSequence position) {
    explain(ExplainScope.of(name, [source] as Set)).position(RecordPosition.parse(position.toString()))
  }

  HandMadePipeline handMade() {
    createTopic("$name" + '.receipts', 3)
    def made = new HandMadePipeline(bootstrapServers, admin, name, source, sink)
    opened << made
    made
  }

  /** A receipt with that span and decisions, and the offset that belongs to it. */
  void write(Receipt.Span span, List<Receipt.Decision> decisions) {
    def made = opened.find { it instanceof HandMadePipeline } as HandMadePipeline
    def producer = made.producer('w-0')
    producer.beginTransaction()
    def receipt = new Receipt('w-0', 'spec', System.currentTimeMillis(), [span], new TreeMap<>(), decisions, '')
    producer.send(new ProducerRecord(name + '.receipts', 'w-0'.bytes, Receipts.write(receipt)))
    producer.sendOffsetsToTransaction(
        [(new TopicPartition(source, span.partition())): new OffsetAndMetadata(span.to(), made.sourceId.toString())],
        new ConsumerGroupMetadata(name))
    producer.commitTransaction()
  }

  /** Its handler throws at what is broken. */
  TestPipeline mendable(Map<String, String> settings = [:]) {
    String to = sink
    def wrong = broken
    run(['retry.attempts': '1'] + settings, { event ->
      if (event.value() in wrong) throw new IOException('no luck')
      Outcome.emit(Output.to(to, event.key(), event.value()))
    } as Handler<String>)
  }

  void replay() {
    assert new CommandLine(new ReplayCommand()).setOut(new PrintWriter(new StringWriter()))
        .execute(['--bootstrap-servers', bootstrapServers, '--group', name, '--quiet'] as String[]) == 0
    await(BOUND) { isSettled(source) }
  }
}
