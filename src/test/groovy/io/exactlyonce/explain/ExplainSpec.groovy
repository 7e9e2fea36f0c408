package io.exactlyonce.explain

import io.exactlyonce.cli.ReplayCommand
import io.exactlyonce.deadletter.RecordPosition
import io.exactlyonce.guard.Position
import io.exactlyonce.handler.Handler
import io.exactlyonce.handler.Outcome
import io.exactlyonce.handler.Output
import io.exactlyonce.local.LocalRedis
import io.exactlyonce.wiring.ClaimReading
import io.exactlyonce.wiring.TestPipeline
import org.apache.kafka.common.KafkaException
import org.apache.kafka.common.Uuid
import picocli.CommandLine
import spock.lang.Tag

import java.time.Duration
import java.time.Instant
import java.util.concurrent.CountDownLatch

import static io.exactlyonce.explain.Fate.DEAD_LETTER
import static io.exactlyonce.explain.Fate.DUPLICATE
import static io.exactlyonce.explain.Fate.NOT_YET
import static io.exactlyonce.explain.Fate.PROCESSED
import static io.exactlyonce.explain.Fate.REPLAYED
import static io.exactlyonce.explain.Fate.WAITING
import static io.exactlyonce.explain.Step.What.LETTER
import static io.exactlyonce.explain.Step.What.OUTPUT
import static io.exactlyonce.explain.Step.What.RECEIPT
import static io.exactlyonce.explain.Step.What.RECORD
import static io.exactlyonce.explain.Step.What.REPLAY
import static io.exactlyonce.explain.Step.What.RETRY

/** Where an event is: every outcome that an event of a real pipeline can have, told from the log. */
class ExplainSpec extends Explained {

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

  @Tag('long')
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

  @Tag('long')
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
    await(BOUND) { assert isSettled("$name" + '.retry.10s') }
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
    withClaims(redis.uri()).id('a').claim().startsWith("held by $source-0@0; to search for other records")
    withClaims(redis.uri()).position(RecordPosition.parse("$source-1@0".toString())).claim() == "held by $source-0@0"
    id('a').claim() == null

    when:
    redis.close()
    produce([record('b', partition: 0)])

    then:
    with(withClaims(redis.uri()).id('a')) {
      fate() == PROCESSED
      claim().startsWith("not known: Redis at ${redis.uri() - 'redis://'} did not answer, or refused: ")
    }
    id('a').records()*.fate() == [PROCESSED, DUPLICATE]
    position("$source-1@0").records()[0].other().toString() == "$source-0@0"
    id('b').fate() == NOT_YET
  }

  def "where the claim leads to the processed record the sources are not searched, but from a given time on"() {
    given:
    run()
    produce([record('a', partition: 0), record('a', partition: 1), record('b', partition: 1), record('c', partition: 1)])
    awaitDrained()
    def claims = { String id -> ClaimReading.find('redis', redisUri, name, id.bytes) }
    def held = claims('a')
    def leads = { Explain.Claims to, Instant since = null -> asking(to, since).id('a') }

    expect:
    with(leads { held }) {
      fate() == PROCESSED
      records()*.fate() == [PROCESSED]
      read().sources() == 0
      claim() =~ /^held by $source-[01]@0; to search for other records with this id too, give a time/
    }
    with(leads({ held }, Instant.EPOCH)) {
      fate() == PROCESSED
      records()*.fate().toSet() == [PROCESSED, DUPLICATE] as Set
      read().sources() == 4
      claim() ==~ /held by $source-[01]@0/
    }

    and: 'a claim is a hint: one that leads elsewhere does not lead to a wrong answer'
    [claims('b'), Optional.of(Position.encode(Uuid.randomUuid(), 0, 0)), Optional.of(beyond()), Optional.of('?'.bytes), Optional.empty()].every {
      def found = leads({ id -> it } as Explain.Claims)
      found.fate() == PROCESSED && found.records()*.fate().toSet() == [PROCESSED, DUPLICATE] as Set && found.read().sources() == 4
    }
  }

  def "of a claimed record that was not processed all with its id are told"() {
    given:
    mendable()
    broken << 'broken'
    produce([record('broken', partition: 0), record('broken', partition: 1)])
    awaitDrained()

    expect:
    with(asking { ClaimReading.find('redis', redisUri, name, it) }.id('broken')) {
      fate() == DEAD_LETTER
      records()*.fate().toSet() == [DEAD_LETTER, DUPLICATE] as Set
    }
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

  Explain withClaims(String uri) {
    asking { ClaimReading.find('redis', uri, name, it) }
  }

  /** An offset that the source has not reached. */
  byte[] beyond() {
    Position.encode(admin.describeTopics([source]).allTopicNames().get()[source].topicId(), 0, 1000)
  }

  Explain asking(Explain.Claims claims, Instant since = null) {
    def of = ExplainScope.of(name, [] as Set)
    def plain = explain(new ExplainScope(of.group(), of.sources(), of.receipts(), of.deadLetters(), of.replays(), of.headers(), since, of.window(), of.patience()))
    new Explain(plain.admins(), plain.readers(), plain.scope(), plain.eventIds(), plain.clock(), claims)
  }

  void replay() {
    assert new CommandLine(new ReplayCommand()).setOut(new PrintWriter(new StringWriter()))
        .execute(['--bootstrap-servers', bootstrapServers, '--group', name, '--quiet'] as String[]) == 0
    await(BOUND) { assert isSettled(source) }
  }
}
