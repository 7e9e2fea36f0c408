package io.exactlyonce.guard.claimlog

import io.exactlyonce.guard.ClaimKey
import io.exactlyonce.guard.Position
import io.exactlyonce.receipt.HandMadePipeline

import java.time.Duration

/** What Redis lost, the log tells: every claim of the window, and no other. */
class KafkaClaimLogSpec extends ClaimedLog {

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
    await(Duration.ofSeconds(20)) { assert !(source in admin.listTopics().names().get()) }
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
    await(Duration.ofSeconds(20)) { assert !(source in admin.listTopics().names().get()) }
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
}
