package io.exactlyonce.guard.claimlog

import io.exactlyonce.guard.ClaimKey
import io.exactlyonce.guard.GuardLostException
import io.exactlyonce.guard.Position
import io.exactlyonce.local.BackendsSpec
import io.exactlyonce.receipt.Generation
import io.exactlyonce.receipt.HandMadePipeline
import org.apache.kafka.clients.admin.Admin
import org.apache.kafka.clients.admin.RecordsToDelete
import org.apache.kafka.clients.consumer.ConsumerRecord
import org.apache.kafka.clients.consumer.KafkaConsumer
import org.apache.kafka.clients.producer.KafkaProducer
import org.apache.kafka.clients.producer.ProducerRecord
import org.apache.kafka.common.KafkaException
import org.apache.kafka.common.TopicPartition
import org.apache.kafka.common.errors.InvalidProducerEpochException
import org.apache.kafka.common.errors.ProducerFencedException
import org.apache.kafka.common.header.internals.RecordHeader
import org.apache.kafka.common.serialization.ByteArrayDeserializer
import org.apache.kafka.common.serialization.ByteArraySerializer
import spock.lang.AutoCleanup

import java.time.Clock
import java.time.Duration
import java.time.Instant
import java.time.ZoneId
import java.time.ZoneOffset

/** What Redis lost, the log tells: every claim of the window, and no other. */
class KafkaClaimLogSpec extends BackendsSpec {

  String group = unique('claimed')
  String source = unique('source')
  String sink = unique('sink')
  Map<String, String> claims = [:]
  List<String> missing

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

  def "records that a tool set the group past hold no claim: they may still come again"() {
    given:
    produce(pipeline.records(0, 30))
    pipeline.transaction(0, 0, 10)
    pipeline.transaction(0, 20, 30)

    when:
    replay()

    then:
    claims.size() == 20
    !claims.containsKey('id-0-15')
    missing == []
  }

  def "the window counts from when a record was processed, however old the record"() {
    given: 'records of long ago, of which the first were processed long ago too'
    def hour = System.currentTimeMillis() - 3_600_000
    produce((0..29).collect { pipeline.record(0, "id-0-$it", hour - 3_600_000) })
    pipeline.transaction(0, 0, 10, millis: hour)
    pipeline.transaction(0, 10, 30)

    when:
    replay(log(window: Duration.ofMinutes(30)))

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
    missing == ["$source-0@0-9 (10: their topic, id ${pipeline.sourceId}, was deleted)"]*.toString()
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

  def "a record that is replayed into a topic that was made anew holds the claim, though it stands where the old one stood (#what)"() {
    given: 'a letter of the old topic at 0@0, whose replay lands at 0@0 of the new one'
    def old = pipeline.sourceId
    produce([pipeline.record(0, 'x')])
    pipeline.transaction(0, 0, 1, dead: [0L])
    admin.deleteTopics([source]).all().get()
    await(Duration.ofSeconds(20)) { !(source in admin.listTopics().names().get()) }
    createTopic(source, 2)
    def anew = new HandMadePipeline(bootstrapServers, admin, group, source, sink)
    def record = replayed(0, 'x', "$source-0@0")
    if (says) record.headers().add('replay-source-topic-id', old.toString().bytes)
    produce([record])
    anew.transaction(0, 0, 1, worker: 'w-1', dead: dead)

    when:
    replay()

    then:
    claims['x'] == Position.encode(anew.sourceId, 0, 0).encodeHex().toString()

    when: 'it became a letter too, and was replayed behind another place that the old topic had'
    def again = replayed(0, 'x', "$source-0@0")
    again.headers().add('replay-source-topic-id', anew.sourceId.toString().bytes)
    produce([again])
    anew.transaction(0, 1, 2, worker: 'w-1')
    replay()

    then:
    claims['x'] == Position.encode(anew.sourceId, 0, 1).encodeHex().toString()

    cleanup:
    anew?.close()

    where:
    says  | dead
    true  | [0L]
    false | [0L]
    what = says ? 'it names the old topic' : 'an earlier version replayed it'
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
    log().announce { Generation.after(it) }

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
    log(prefix: group + '.').announce { Generation.after(it) }
    longer.commitTransaction()

    then:
    noExceptionThrown()
    fails { mine.commitTransaction() } != null

    cleanup:
    [mine, longer]*.close(Duration.ZERO)
  }

  def "every producer that writes the group's receipts is fenced, whatever its pipeline is called"() {
    given: 'the second side of a worker whose first wrote a receipt; other groups whose names continue this one'
    def former = unique('former')
    def wrote = producer("${former}.host.eu-0-a")
    def idle = producer("${former}.host.eu-0-b")
    def others = ['-eu', '.eu'].collectEntries { [it, producer(unique('other') + '.host-0-a')] }
    others.keySet().each { createTopic(group + it + '.receipts') }
    wrote.beginTransaction()
    wrote.send(new ProducerRecord(group + '.receipts', 0, 'k'.bytes, 'r'.bytes))
    wrote.commitTransaction()
    others.each { continued, it ->
      it.beginTransaction()
      it.send(new ProducerRecord(group + continued + '.receipts', 0, 'k'.bytes, 'r'.bytes))
      it.flush()
    }
    [wrote, idle].each { it.beginTransaction(); it.send(pipeline.output(0, 0)); it.flush() }

    when:
    log(prefix: group + '.').announce { Generation.after(it) }
    others.values()*.commitTransaction()

    then:
    noExceptionThrown()
    [wrote, idle].each { mine -> assert fails { mine.commitTransaction() } != null }

    cleanup:
    [wrote, idle]*.close(Duration.ZERO)
    others.values()*.close(Duration.ZERO)
  }

  def "a member's producers are fenced before their first receipt, and not those of its like elsewhere"() {
    given: 'a member of the group that another pipeline made, and workers that only look like one'
    def former = unique('former')
    def member = consumer("$former-host-0")
    member.subscribe([source])
    await(Duration.ofSeconds(20)) { member.poll(Duration.ofMillis(50)); !member.assignment().empty }
    def mine = producer("${former}.host-0-b")
    def others = [producer("${former}.host-1-b"), producer("${former}.host-0-replay"), producer("${former}-eu.host-0-b")]
    [mine, *others].each { it.beginTransaction(); it.send(pipeline.output(0, 0)); it.flush() }

    when:
    log(prefix: group + '.').announce { Generation.after(it) }
    others*.commitTransaction()

    then:
    noExceptionThrown()
    fails { mine.commitTransaction() } != null

    cleanup:
    [mine, *others]*.close(Duration.ZERO)
    member.close()
  }

  def "of two workers with one client id the one that is known to be the group's is fenced"() {
    given: 'pipeline a-b on host c, in this group; pipeline a on host b-c, in another'
    def a = unique('a')
    def member = consumer("$a-b-c-0")
    member.subscribe([source])
    await(Duration.ofSeconds(20)) { member.poll(Duration.ofMillis(50)); !member.assignment().empty }
    def mine = producer("$a-b.c-0-a")
    def other = producer("${a}.b-c-0-a")
    [mine, other].each { it.beginTransaction(); it.send(pipeline.output(0, 0)); it.flush() }

    when:
    log(prefix: "$a-b.").announce { Generation.after(it) }
    other.commitTransaction()

    then:
    noExceptionThrown()
    fails { mine.commitTransaction() } != null

    cleanup:
    [mine, other]*.close(Duration.ZERO)
    member.close()
  }

  def "an id that begins like the pipeline's and is no worker's is spared"() {
    given:
    def replay = producer("${group}.replay-by-hand")
    replay.beginTransaction()
    replay.send(pipeline.output(0, 0))

    when:
    log(prefix: group + '.').announce { Generation.after(it) }
    replay.commitTransaction()

    then:
    noExceptionThrown()

    cleanup:
    replay.close(Duration.ZERO)
  }

  def "nothing to fence is no failure"() {
    when:
    log(prefix: 'no-such-pipeline-').announce { Generation.after(it) }

    then:
    noExceptionThrown()
  }

  def "a receipt that a slow clock stamped a little before the window still counts"() {
    given:
    produce(pipeline.records(0, 10))
    pipeline.transaction(0, 0, 10, millis: System.currentTimeMillis() - 1_830_000)

    when:
    replay(log(window: Duration.ofMinutes(30)))

    then:
    claims.size() == 10
  }

  def "claims of records that retention deleted are counted, with their span, and not those of duplicates"() {
    given:
    produce(pipeline.records(0, 40) + pipeline.records(1, 10))
    pipeline.transaction(0, 0, 20, duplicates: [3L], dead: [4L])
    pipeline.transaction(0, 20, 40)
    pipeline.transaction(1, 0, 10)
    cut(source, 0, 25)

    when:
    replay()

    then:
    claims.size() == 25
    missing == ["$source-0@0-24 (24: their records were deleted)"]*.toString()

    when: 'the whole partition is gone'
    cut(source, 0, 40)
    cut(source, 1, 2)
    replay()

    then:
    claims.size() == 8
    missing == ["$source-0@0-39 (39: their records were deleted)", "$source-1@0-1 (2: their records were deleted)"]*.toString()
  }

  def "records that are gone from between are missed as well"() {
    given: 'two of the ten that the receipt counts are not there'
    produce(pipeline.records(0, 4))
    def gone = pipeline.producer('w-1')
    gone.beginTransaction()
    2.times { gone.send(pipeline.record(0, "gone-$it")).get() }
    gone.abortTransaction()
    produce(pipeline.records(0, 4))
    pipeline.transaction(0, 0, 11, counts: 10)
    produce(pipeline.records(0, 5))
    pipeline.transaction(0, 11, 16)

    when:
    replay()

    then:
    missing == ["$source-0@0-10 (2: their records were deleted)"]*.toString()
  }

  def "a source that is configured no more is rebuilt while its topic is there, and told of when it is not"() {
    given:
    def former = unique('former')
    createTopic(former)
    def before = new HandMadePipeline(bootstrapServers, admin, group, former, sink)
    produce((0..<5).collect { new ProducerRecord<byte[], byte[]>(former, 0, null, null, 'x'.bytes, [new RecordHeader('event-id', "former-$it".bytes)]) })
    before.transaction(0, 0, 5)
    produce(pipeline.records(0, 10))
    pipeline.transaction(0, 0, 10, worker: 'w-1')

    when:
    replay()

    then:
    claims.size() == 15
    claims['former-3'] == Position.encode(before.sourceId, 0, 3).encodeHex().toString()
    missing == []

    when:
    admin.deleteTopics([former]).all().get()
    await(Duration.ofSeconds(20)) { !(former in admin.listTopics().names().get()) }
    replay()

    then:
    claims.size() == 10
    missing == ["$former-0@0-4 (5: their topic, id ${before.sourceId}, was deleted)"]*.toString()

    cleanup:
    before.close()
  }

  def "a duplicate that a rewind had processed holds a claim; the rewind's own receipt accounts for nothing"() {
    given:
    produce(pipeline.records(0, 10))
    pipeline.transaction(0, 0, 10, duplicates: [5L, 6L])
    pipeline.transaction(0, 10, 2)
    pipeline.transaction(0, 2, 10, duplicates: [6L])

    when:
    replay()

    then:
    claims.size() == 9
    claims['id-0-5'] == position(0, 5)
    !claims.containsKey('id-0-6')
    missing == []

    when: 'what was processed twice is missed once'
    produce(pipeline.records(1, 10))
    2.times { pipeline.transaction(1, 0, 10) }
    cut(source, 1, 8)
    replay()

    then:
    claims.size() == 11
    missing == ["$source-1@0-7 (8: their records were deleted)"]*.toString()
  }

  def "records in which no event id is found any more are told of, unless they became dead letters or ids are optional"() {
    given: 'ids of which the finder of today finds one in two'
    produce(pipeline.records(0, 10))
    pipeline.transaction(0, 0, 10, dead: [1L], duplicates: [3L])
    def finder = { ConsumerRecord<byte[], byte[]> record -> record.offset() % 2 ? null : HandMadePipeline.eventId(record) }

    when:
    replay(log(finder: finder))

    then:
    claims.size() == 5
    missing == (5..9).step(2).collect { "$source-0@$it-$it (1: guard.event-id finds no event id in their records)".toString() }

    when:
    replay(log(finder: finder, ids: false))

    then:
    claims.size() == 5
    missing == []
  }

  def "what waits in a retry topic holds its claim by its place in the source, though that record is gone"() {
    given:
    def retry = "${group}.retry.1m".toString()
    createTopic(retry)
    def waiting = new HandMadePipeline(bootstrapServers, admin, group, retry, sink)
    produce(pipeline.records(0, 3))
    pipeline.transaction(0, 0, 3)
    produce([new ProducerRecord<byte[], byte[]>(retry, 0, null, null, 'x'.bytes,
        [new RecordHeader('event-id', 'id-0-1'.bytes), new RecordHeader('waits-for', Position.encode(pipeline.sourceId, 0, 1))])])
    waiting.transaction(0, 0, 1, worker: 'w-1')
    cut(source, 0, 2)

    when:
    replay()

    then:
    claims['id-0-1'] == position(0, 1)
    claims.keySet() == ['id-0-1', 'id-0-2'] as Set

    cleanup:
    waiting.close()
  }

  def "records of the window whose receipts were deleted are told of; what is older, or not committed, is not"() {
    given:
    def old = System.currentTimeMillis() - 7_200_000
    produce((0..<5).collect { pipeline.record(0, "old-$it", old) } + pipeline.records(0, 30))
    pipeline.transaction(0, 0, 5, millis: old)
    (5..<25).step(5).each { pipeline.transaction(0, it, it + 5) }
    pipeline.transaction(0, 0, 1, offsets: false)
    admin.deleteRecords((0..1).collectEntries { [new TopicPartition(group + '.receipts', it), RecordsToDelete.beforeOffset(it == where() ? 6 : 0)] }).all().get()

    when:
    replay(log(window: Duration.ofHours(1)))

    then:
    missing == ["$source-0@5-14 (10: their receipts were deleted)"]*.toString()
    claims.keySet() == ((10..19).collect { "id-0-$it".toString() } + 'old-0') as Set

    when: 'all receipts are gone'
    cut(group + '.receipts', where(), -1)
    replay(log(window: Duration.ofHours(1)))

    then:
    missing == ["$source-0@5-24 (20: their receipts were deleted)"]*.toString()
    claims.isEmpty()

    when: 'nothing was produced in the window'
    replay(log(window: Duration.ofSeconds(1), clock: Clock.offset(Clock.systemUTC(), Duration.ofMinutes(10))))

    then:
    missing == []
  }

  /** The partition that the receipts are in: they have their worker's key. */
  private int where() {
    readCommitted(group + '.receipts')*.partition().with { it.empty ? lastSeen : (lastSeen = it[0]) }
  }

  int lastSeen

  def "a group whose receipts' topic was made anew is not empty: its offsets tell"() {
    given:
    produce(pipeline.records(0, 10))
    pipeline.transaction(0, 0, 10)
    admin.deleteTopics([group + '.receipts']).all().get()
    await(Duration.ofSeconds(20)) { !((group + '.receipts') in admin.listTopics().names().get()) }
    createTopic(group + '.receipts', 2)

    expect:
    !log().isEmpty()

    when:
    replay()

    then:
    missing == ["$source-0@0-9 (10: their receipts were deleted)"]*.toString()
  }

  def "under refuse a rebuild that is incomplete fails with what is missing and the way on, and soon again without reading"() {
    given:
    produce(pipeline.records(0, 10))
    pipeline.transaction(0, 0, 10)
    cut(source, 0, 4)
    def strict = log(refuse: true)

    when:
    replay(strict)

    then:
    def refused = thrown(GuardLostException)
    refused.message.startsWith("up to 4 claims of guard.window cannot be rebuilt: $source-0@0-3 (4: their records were deleted); guard.on-incomplete-rebuild is refuse")
    refused.message.contains('rebuild-guard with -P pipelines.<name>.guard.on-incomplete-rebuild=warn')

    when:
    strict.announce { Generation.after(it) }

    then:
    thrown(GuardLostException)
  }

  def "what is missing is told of until the window has passed it"() {
    given:
    produce(pipeline.records(0, 10))
    pipeline.transaction(0, 0, 10)
    cut(source, 0, 4)
    def time = [System.currentTimeMillis()]
    def clock = new Clock() {
      ZoneId getZone() { ZoneOffset.UTC }
      Clock withZone(ZoneId zone) { this }
      Instant instant() { Instant.ofEpochMilli(time[0]) }
    }
    def told = log(clock: clock, window: Duration.ofHours(1))

    when:
    replay(told)
    time[0] += 3_500_000

    then:
    told.missing().most() == 4

    when:
    time[0] += 101_000

    then:
    told.missing().isEmpty()
  }

  private void cut(String topic, int partition, long before) {
    admin.deleteRecords([(new TopicPartition(topic, partition)): RecordsToDelete.beforeOffset(before)]).all().get()
  }

  private void replay(KafkaClaimLog from = log()) {
    claims = [:]
    from.replay { key, position -> claims[new String(key, 'ISO-8859-1')] = position.encodeHex().toString() }
    missing = from.missing().parts()*.toString()
  }

  /** with: window, prefix, ids (whether they are required), refuse, at (what the time is), finder */
  private KafkaClaimLog log(Map with = [:]) {
    def finder = with.finder ?: HandMadePipeline::eventId
    def claimants = new KafkaClaimLog.Claimants() {
      byte[] eventId(ConsumerRecord<byte[], byte[]> record) { finder(record) }
      byte[] origin(ConsumerRecord<byte[], byte[]> record) { record.headers().lastHeader('waits-for')?.value() }
    }
    new KafkaClaimLog(
        new KafkaClaimLog.Clients(
            { Admin.create('bootstrap.servers': bootstrapServers) },
            { pipeline.consumer() },
            { pipeline.consumer('read_uncommitted') },
            { unopened(KafkaClaimLog.announcerId(group)) }),
        new KafkaClaimLog.Scope(group, [source], group + '.receipts', with.prefix ?: group + '-', with.window ?: Duration.ofHours(24),
            with.ids != false, with.refuse == true),
        claimants,
        with.clock ?: Clock.systemUTC())
  }

  private String position(int partition, long offset) {
    Position.encode(pipeline.sourceId, partition, offset).encodeHex().toString()
  }

  private KafkaProducer<byte[], byte[]> producer(String id) {
    def made = unopened(id)
    made.initTransactions()
    made
  }

  private KafkaProducer<byte[], byte[]> unopened(String id) {
    def settings = ['bootstrap.servers': bootstrapServers, 'transactional.id': id] as Map<String, Object>
    new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())
  }

  private KafkaConsumer<byte[], byte[]> consumer(String clientId) {
    def settings = ['bootstrap.servers': bootstrapServers, 'group.id': group, 'client.id': clientId] as Map<String, Object>
    new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())
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
