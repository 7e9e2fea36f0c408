package io.exactlyonce.guard.claimlog

import io.exactlyonce.guard.GuardLostException
import io.exactlyonce.guard.Position
import io.exactlyonce.receipt.Generation
import io.exactlyonce.receipt.HandMadePipeline
import org.apache.kafka.clients.admin.RecordsToDelete
import org.apache.kafka.clients.consumer.ConsumerRecord
import org.apache.kafka.clients.producer.ProducerRecord
import org.apache.kafka.common.TopicPartition
import org.apache.kafka.common.header.internals.RecordHeader

import java.time.Clock
import java.time.Duration
import java.time.Instant
import java.time.ZoneId
import java.time.ZoneOffset

/** What the log proves no more is counted, with its span and its reason. */
class KafkaClaimLogMissingSpec extends ClaimedLog {

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
    await(Duration.ofSeconds(20)) { assert !(former in admin.listTopics().names().get()) }
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

  def "a group whose receipts' topic was made anew is not empty: its offsets tell"() {
    given:
    produce(pipeline.records(0, 10))
    pipeline.transaction(0, 0, 10)
    admin.deleteTopics([group + '.receipts']).all().get()
    await(Duration.ofSeconds(20)) { assert !((group + '.receipts') in admin.listTopics().names().get()) }
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
}
