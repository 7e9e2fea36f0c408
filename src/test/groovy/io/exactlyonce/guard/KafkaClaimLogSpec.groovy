package io.exactlyonce.guard

import io.exactlyonce.local.BackendsSpec
import io.exactlyonce.receipt.HandMadePipeline
import org.apache.kafka.clients.admin.Admin
import org.apache.kafka.clients.producer.KafkaProducer
import org.apache.kafka.common.errors.InvalidProducerEpochException
import org.apache.kafka.common.errors.ProducerFencedException
import org.apache.kafka.common.KafkaException
import org.apache.kafka.common.serialization.ByteArraySerializer
import spock.lang.AutoCleanup

import java.time.Clock
import java.time.Duration

/** What Redis lost, the log tells: every claim of the window, and no other. */
class KafkaClaimLogSpec extends BackendsSpec {

  String group = unique('claimed')
  String source = unique('source')
  String sink = unique('sink')
  Map<String, String> claims = [:]

  @AutoCleanup
  HandMadePipeline pipeline

  def setup() {
    createTopic(source, 2)
    createTopic(sink, 2)
    createTopic(group + '.receipts', 2)
    createTopic(group + '.dead-letters')
    pipeline = new HandMadePipeline(bootstrapServers, admin, group, source, sink)
  }

  def "a group that never committed is empty, and one that did is not"() {
    expect:
    log().isEmpty()

    when:
    produce(pipeline.records(0, 10))
    pipeline.transaction(0, 0, 10)

    then:
    !log().isEmpty()
  }

  def "records that were processed or became dead letters hold claims, duplicates and unread ones do not"() {
    given:
    produce(pipeline.records(0, 20) + pipeline.records([4L: 'id-0-3'], 1, 10))
    produce([pipeline.record(1, null)])
    pipeline.transaction(0, 0, 10)
    pipeline.transaction(1, 0, 11, duplicates: [4L], dead: [7L, 10L])
    pipeline.transaction(0, 10, 15, abort: true)

    when:
    replay()

    then:
    claims.size() == 19
    (0..9).every { claims["id-0-$it".toString()] == position(0, it) }
    claims['id-1-7'] == position(1, 7)
    !claims.keySet().any { it in ['id-0-10', 'id-1-4'] }
  }

  def "records that an operator skipped hold no claim: they may still come again"() {
    given:
    produce(pipeline.records(0, 30))
    pipeline.transaction(0, 0, 10)
    pipeline.transaction(0, 20, 30)

    when:
    replay()

    then:
    claims.size() == 20
    !claims.containsKey('id-0-15')
  }

  def "the window counts from when a record was processed, however old the record"() {
    given: 'records of long ago, of which the first were processed long ago too'
    def hour = System.currentTimeMillis() - 3_600_000
    produce((0..29).collect { pipeline.record(0, "id-0-$it", hour - 3_600_000) })
    pipeline.transaction(0, 0, 10, millis: hour)
    pipeline.transaction(0, 10, 30)

    when:
    replay(Duration.ofMinutes(30))

    then:
    claims.size() == 20
    claims.containsKey('id-0-10') && !claims.containsKey('id-0-9')
  }

  def "an id too long to be kept is claimed by its hash"() {
    given:
    def id = 'an-event-id-that-is-longer-than-fourteen-bytes'
    produce([pipeline.record(0, id)])
    pipeline.transaction(0, 0, 1)

    when:
    replay()

    then:
    claims.keySet() == [new String(new ClaimKey().of(id.bytes), 'ISO-8859-1')] as Set
  }

  def "receipts of a topic that was deleted and made again claim nothing"() {
    given:
    produce(pipeline.records(0, 10))
    pipeline.transaction(0, 0, 10)
    admin.deleteTopics([source]).all().get()
    await(Duration.ofSeconds(20)) { !(source in admin.listTopics().names().get()) }
    createTopic(source, 2)
    produce(pipeline.records(0, 10))

    when:
    replay()

    then:
    claims.isEmpty()
  }

  def "of a record and its replays the last that was admitted holds the claim, whatever is read first"() {
    given: 'dead letters at 0-0 and 1-3, replayed into both directions; one was replayed a second time'
    produce(pipeline.records(0, 3) + pipeline.records(1, 3) + pipeline.record(1, 'again'))
    produce([replayed(1, 'id-0-0', "$source-0@0"), replayed(0, 'again', "$source-1@3"), replayed(1, 'again', "$source-0@3")])
    produce([replayed(0, 'id-0-1', "$source-0@1")])
    pipeline.transaction(0, 0, 3, dead: [0L, 1L])
    pipeline.transaction(1, 0, 4, dead: [3L])
    pipeline.transaction(1, 4, 5)
    pipeline.transaction(0, 3, 4, dead: [3L])
    pipeline.transaction(1, 5, 6)
    pipeline.transaction(0, 4, 5, abort: true)

    when:
    replay()

    then:
    claims['id-0-0'] == position(1, 4)
    claims['again'] == position(1, 5)
    claims['id-0-1'] == position(0, 1)
    claims.size() == 7
  }

  def "a replayed record that was dropped as a duplicate holds nothing"() {
    given:
    produce(pipeline.records(0, 2) + replayed(1, 'id-0-0', "$source-0@0"))
    pipeline.transaction(0, 0, 2)
    pipeline.transaction(1, 0, 1, duplicates: [0L])

    when:
    replay()

    then:
    claims['id-0-0'] == position(0, 0)
  }

  private replayed(int partition, String id, String from) {
    def made = pipeline.record(partition, id)
    made.headers().add('replay-of', "${group}.dead-letters-0@0".bytes).add('replay-source', from.bytes)
    made
  }

  def "fencing aborts what the pipeline's producers have open, and spares others"() {
    given:
    def mine = producer("$group-host-0-b")
    def other = producer(unique('other') + '-host-0-a')
    [mine, other].each {
      it.beginTransaction()
      it.send(pipeline.output(0, 0))
      it.flush()
    }

    when:
    log().fence()

    then:
    def fenced = fails { mine.commitTransaction() }
    fenced instanceof ProducerFencedException || fenced instanceof InvalidProducerEpochException

    when:
    other.commitTransaction()

    then:
    readCommitted(sink).size() == 1

    when: 'a successor takes the id over'
    def next = producer("$group-host-0-b")
    next.beginTransaction()
    next.send(pipeline.output(0, 1))
    next.commitTransaction()

    then:
    readCommitted(sink).size() == 2

    cleanup:
    [mine, other, next]*.close(Duration.ZERO)
  }

  def "a pipeline whose name continues this one's is spared"() {
    given:
    def mine = producer("${group}.host-0-a")
    def longer = producer("$group-eu.host-0-a")
    [mine, longer].each { it.beginTransaction(); it.send(pipeline.output(0, 0)); it.flush() }

    when:
    log(Duration.ofHours(1), group + '.').fence()
    longer.commitTransaction()

    then:
    noExceptionThrown()
    fails { mine.commitTransaction() } != null

    cleanup:
    [mine, longer]*.close(Duration.ZERO)
  }

  def "nothing to fence is no failure"() {
    when:
    log(Duration.ofHours(1), 'no-such-pipeline-').fence()

    then:
    noExceptionThrown()
  }

  private void replay(Duration window = Duration.ofHours(24)) {
    claims = [:]
    log(window).replay { key, position -> claims[new String(key, 'ISO-8859-1')] = position.encodeHex().toString() }
  }

  private KafkaClaimLog log(Duration window = Duration.ofHours(24), String prefix = group + '-') {
    new KafkaClaimLog(
        { Admin.create('bootstrap.servers': bootstrapServers) },
        { pipeline.consumer() },
        new KafkaClaimLog.Scope(group, [source], group + '.receipts', prefix, window),
        HandMadePipeline::eventId,
        Clock.systemUTC())
  }

  private String position(int partition, long offset) {
    Position.encode(pipeline.sourceId, partition, offset).encodeHex().toString()
  }

  private KafkaProducer<byte[], byte[]> producer(String id) {
    def settings = ['bootstrap.servers': bootstrapServers, 'transactional.id': id] as Map<String, Object>
    def made = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())
    made.initTransactions()
    made
  }

  private static KafkaException fails(Closure work) {
    try {
      work()
    } catch (KafkaException e) {
      return e
    }
    assert false: 'it did not fail'
  }
}
