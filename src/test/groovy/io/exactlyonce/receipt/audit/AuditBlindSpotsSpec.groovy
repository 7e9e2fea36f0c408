package io.exactlyonce.receipt.audit

import io.exactlyonce.config.OutputHeaderNames
import io.exactlyonce.local.BackendsSpec
import io.exactlyonce.receipt.HandMadePipeline
import io.exactlyonce.receipt.OutputSum
import io.exactlyonce.receipt.Receipt
import io.exactlyonce.receipt.Receipts
import org.apache.kafka.clients.admin.AlterConfigOp
import org.apache.kafka.clients.admin.ConfigEntry
import org.apache.kafka.clients.admin.ForwardingAdmin
import org.apache.kafka.clients.admin.ListOffsetsOptions
import org.apache.kafka.clients.admin.ListOffsetsResult
import org.apache.kafka.clients.admin.OffsetSpec
import org.apache.kafka.clients.admin.RecordsToDelete
import org.apache.kafka.clients.consumer.OffsetAndMetadata
import org.apache.kafka.clients.producer.ProducerRecord
import org.apache.kafka.common.TopicPartition
import org.apache.kafka.common.Uuid
import org.apache.kafka.common.config.ConfigResource
import org.apache.kafka.common.header.internals.RecordHeader
import org.apache.kafka.common.utils.Utils
import spock.lang.AutoCleanup

import java.time.Duration
import java.time.Instant

import static io.exactlyonce.receipt.audit.Finding.Kind.DUPLICATED
import static io.exactlyonce.receipt.audit.Finding.Kind.LOST
import static io.exactlyonce.receipt.audit.Finding.Kind.OUT_OF_ORDER
import static io.exactlyonce.receipt.audit.Finding.Kind.UNACCOUNTED

/** What is wrong is found wherever it is, or listed as not judged; what is right is not found. */
class AuditBlindSpotsSpec extends BackendsSpec {

  static final long OLD = 3_600_000
  static final Duration RECENT = Duration.ofMinutes(10)

  String group = unique('audited')
  String source = unique('source')
  String sink = unique('sink')

  @AutoCleanup
  HandMadePipeline pipeline

  def setup() {
    createTopic(source, 2)
    createTopic(sink, 2)
    createTopic(group + '.receipts', 2)
    createTopic(group + '.dead-letters')
    pipeline = new HandMadePipeline(bootstrapServers, admin, group, source, sink)
  }

  def "records before the first receipt of a partition are found"() {
    given:
    produce(pipeline.records(0, 10) + pipeline.records(1, 10))
    pipeline.transaction(0, 0, 10)
    pipeline.transaction(1, 5, 10)

    expect:
    only(audit(), LOST, "$source-1@0").records() == 5
  }

  def "a partition with an offset and without a receipt is found, beside one that has receipts"() {
    given:
    produce(pipeline.records(0, 10) + pipeline.records(1, 10))
    pipeline.transaction(0, 0, 10)
    stand(1, 10)

    expect:
    only(audit(), LOST, "$source-1@0").records() == 10
  }

  def "a partition with records that nobody has taken is listed from its first record on"() {
    given: 'such as one that was added, and no worker was given'
    produce(pipeline.records(0, 10) + pipeline.records(1, 10))
    admin.deleteRecords([(new TopicPartition(source, 1)): RecordsToDelete.beforeOffset(4)]).all().get()
    pipeline.transaction(0, 0, 10)

    expect:
    [audit(), recent()].each {
      assert it.isClean()
      assert !it.isProof()
      assert it.unjudged()*.where() == ["$source-1@4-9".toString()]
      assert it.unjudged()[0].why().startsWith('the group has neither an offset nor a receipt there')
    }

    when: 'it is taken'
    pipeline.transaction(1, 4, 6)

    then: 'what is behind is not read yet'
    audit().isProof()
  }

  def "a partition that nobody has taken, and without a record but #what, is not listed"() {
    given:
    produce(pipeline.records(0, 10))
    pipeline.transaction(0, 0, 10)

    when:
    def upstream = pipeline.producer('w-7')
    upstream.beginTransaction()
    upstream.send(pipeline.record(1, 'id')).get()
    if (isAborted) {
      upstream.abortTransaction()
    }

    then:
    audit().isProof()

    where:
    what                   | isAborted
    'one that was aborted' | true
    'one that is not decided' | false
  }

  def "of records that nobody has taken, whose receipts may have been deleted, outputs are not found"() {
    given: 'a group whose offset there has expired'
    produce(pipeline.records(0, 20) + pipeline.records(1, 10))
    pipeline.transaction(1, 0, 10, offsets: false)
    pipeline.transaction(0, 0, 10)
    pipeline.transaction(0, 10, 20)

    when:
    cutReceipts(2)

    then:
    with(audit()) {
      isClean()
      unjudged()*.toString().contains(
          "$source-1@0-9: the group has neither an offset nor a receipt there: nobody has taken them, or the receipts that say so were deleted".toString())
    }
  }

  def "a group that began where the log began by then has lost nothing"() {
    given:
    produce(pipeline.records(0, 10))
    admin.deleteRecords([(new TopicPartition(source, 0)): RecordsToDelete.beforeOffset(5)]).all().get()
    pipeline.transaction(0, 5, 10)

    expect:
    audit().isProof()
  }

  def "a gap behind a receipt is found though its records are deleted, #how"() {
    given: 'deleted unread, and the group moved by another tool than accept-loss'
    produce(pipeline.records(0, 30))
    pipeline.transaction(0, 0, 10)
    admin.deleteRecords([(new TopicPartition(source, 0)): RecordsToDelete.beforeOffset(20)]).all().get()
    if (isReadOn) {
      pipeline.transaction(0, 20, 30)
    } else {
      stand(0, 20)
    }

    expect:
    only(audit(), LOST, "$source-0@10").records() == 10

    where:
    how                             | isReadOn
    'before another receipt'        | true
    'before where the group stands' | false
  }

  def "receipts of records that are deleted are listed, but those that give them up"() {
    given:
    produce(pipeline.records(0, 40))
    pipeline.transaction(0, 0, 10)
    pipeline.transaction(0, 10, 20)
    pipeline.transaction(0, 20, 30)

    when: 'the beginning of the second receipt goes too'
    admin.deleteRecords([(new TopicPartition(source, 0)): RecordsToDelete.beforeOffset(15)]).all().get()

    then:
    with(audit()) {
      isClean()
      unjudged()*.toString() == ["$source-0@0-14: are deleted: their number and event ids were not held against 2 receipts".toString()]
    }

    when:
    admin.deleteRecords([(new TopicPartition(source, 0)): RecordsToDelete.beforeOffset(40)]).all().get()
    pipeline.decide([:], 'accept-loss', "$source-0@30-39", [new Receipt.Span(source, pipeline.sourceId, 0, 30, 40)])

    then:
    audit().unjudged()*.where() == ["$source-0@0-29".toString()]
  }

  def "outputs from beyond what the group has read are found"() {
    given:
    produce(pipeline.records(0, 10))
    pipeline.transaction(0, 0, 10)
    produce([pipeline.output(0, 999), pipeline.output(1, 3)])

    when:
    def report = audit()

    then:
    report.records() == [(UNACCOUNTED): 2L]
    report.findings()*.sentence() as Set ==
        ["comes from $source-0@999, and the group has only come to 10", "comes from $source-1@3, and the group has only come to 0"]*.toString() as Set
  }

  def "a dead letter from beyond what the group has read is found"() {
    given:
    produce(pipeline.records(0, 10))
    pipeline.transaction(0, 0, 10)
    produce([pipeline.letter(0, 999)])

    expect:
    only(audit(), UNACCOUNTED, "$group").sentence() == "comes from $source-0@999, and the group has only come to 10"
  }

  def "an output and a dead letter of this group that come from nowhere are found: #why"() {
    given:
    produce(pipeline.records(0, 10))
    pipeline.transaction(0, 0, 10)
    def named = topic ?: source
    def letter = pipeline.letter(partition, 3)
    letter.headers().remove('dead-letter-topic')
    letter.headers().add('dead-letter-topic', named.bytes)
    letter.headers().remove('dead-letter-topic-id')

    when:
    produce([pipeline.output(0, 3, position: "$named-$partition@3")])
    letter = new ProducerRecord<byte[], byte[]>(letter.topic(), 0, null, null, letter.value(), letter.headers().sort { it.key() != 'dead-letter-topic' })
    produce([letter])

    then:
    with(audit()) {
      records() == [(UNACCOUNTED): 2L]
      findings()*.sentence() == ["comes from ${named}${topic ? '' : "-$partition"}, which $why".toString()] * 2
    }

    where:
    topic           | partition || why
    null            | 7         || 'does not exist'
    'never-a-topic' | 0         || 'this group has never read'
  }

  def "outputs from a topic that the group may have read, and that is not audited, are listed"() {
    given:
    def former = unique('former')
    createTopic(former, 2)
    produce(pipeline.records(0, 20))
    pipeline.transaction(0, 0, 10)
    pipeline.transaction(0, 10, 20)
    produce([pipeline.output(0, 3, position: "$former-0@3")])

    expect:
    audit().of(UNACCOUNTED) == 1

    when: 'it has an offset there'
    admin.alterConsumerGroupOffsets(group, [(new TopicPartition(former, 0)): new OffsetAndMetadata(5)]).all().get()

    then:
    with(audit()) {
      isClean()
      unjudged()*.toString() == ["$former: 1 outputs and dead letters come from there, which is not audited".toString()]
    }

    when: 'or receipts that may have named it are deleted'
    admin.deleteConsumerGroupOffsets(group, [new TopicPartition(former, 0)] as Set).all().get()
    cutReceipts(2)

    then:
    with(audit()) {
      isClean()
      unjudged()*.where().contains(former)
    }
  }

  def "an output that is missing is found though another record has one too many"() {
    given:
    produce(pipeline.records(0, 10))
    def outputs = (0L..9L).findAll { it != 3 }.collect { pipeline.output(0, it) }
    pipeline.transaction(0, 0, 10, outputs: outputs + pipeline.output(0, 9, number: 1))

    expect:
    only(audit(), LOST, "$source-0@3").sentence().startsWith('an output of its span is missing, and another record')
  }

  def "of two outputs of a record one is missing, and a third of another is there: found"() {
    given: 'numbers without a gap, counts that agree, and as many records with outputs'
    produce(pipeline.records(0, 2))
    pipeline.transaction(0, 0, 2, counted: 4, sum: [0, 0, 1, 1],
        outputs: [pipeline.output(0, 0), pipeline.output(0, 1), pipeline.output(0, 1, number: 1), pipeline.output(0, 1, number: 2)])

    expect:
    audit().records() == [(LOST): 1L]
  }

  def "a number that is missing below another is found at its record, also by receipts of older versions"() {
    given:
    produce(pipeline.records(0, 2))
    pipeline.transaction(0, 0, 2, counted: 3, sum: false,
        outputs: [pipeline.output(0, 0, number: 1), pipeline.output(0, 1), pipeline.output(0, 1, number: 1)])

    expect:
    only(audit(), LOST, "$source-0@0").sentence().startsWith('output 0 of this record is missing')
  }

  def "where a receipt of an older version cannot tell which records had outputs, that is listed"() {
    given:
    produce(pipeline.records(0, 10))
    def outputs = (0L..9L).findAll { it != 3 }.collect { pipeline.output(0, it, old: true) }
    pipeline.transaction(0, 0, 10, outputs: outputs + pipeline.output(0, 9, number: 1, old: true), sum: false)

    when:
    def report = audit()

    then:
    report.isClean()
    !report.isProof()
    report.unjudged()*.why().every { it.startsWith('1 receipts of an older version do not say which records') }
  }

  def "outputs and receipts as older versions wrote them are judged"() {
    given:
    produce(pipeline.records(0, 10))
    pipeline.transaction(0, 0, 10, outputs: (0L..9L).collect { pipeline.output(0, it, old: true) }, sum: false)

    expect:
    audit().isProof()

    when:
    produce([pipeline.output(0, 5, old: true)])

    then:
    only(audit(), DUPLICATED, "$sink-0@")
  }

  def "an output of a number that its record has already is found, though its sink has no other: #number"() {
    given:
    produce(pipeline.records(0, 10))
    pipeline.transaction(0, 0, 10, counted: 11, sum: (0L..9L).toList() + 5L,
        outputs: (0L..9L).collect { pipeline.output(0, it) } + pipeline.output(0, 5, number: number))

    expect:
    audit().isProof()

    when:
    produce([pipeline.output(0, 5, number: number)])

    then:
    audit().of(DUPLICATED) == 1

    where:
    number << [1, 70]
  }

  def "a receipt that accounts for more records than are there is found"() {
    given:
    produce(pipeline.records(0, 10))
    pipeline.transaction(0, 0, 10, counts: 500)

    expect:
    only(audit(), UNACCOUNTED, "$source-0@0").records() == 490
  }

  def "offsets that were set back and processed again are found by an audit of the last minutes"() {
    given:
    def old = System.currentTimeMillis() - OLD
    produce(pipeline.records(0, 40))
    pipeline.transaction(0, 0, 10, millis: old)
    pipeline.transaction(0, 10, 20, millis: old)
    pipeline.transaction(0, 0, 10)

    expect:
    with(recent()) {
      of(DUPLICATED) >= 10
      findings().any { it.where() == "$source-0@0" && it.sentence().contains('before those judged') }
    }
  }

  def "offsets that were set back are found by an audit of the last minutes, before anything is read again"() {
    given:
    produce(pipeline.records(0, 40))
    pipeline.transaction(0, 0, 20, millis: System.currentTimeMillis() - OLD)
    stand(0, 5)

    expect:
    only(recent(), UNACCOUNTED, "$source-0@5").records() == 15
  }

  def "what was committed without a receipt is found by an audit of the last minutes"() {
    given:
    produce(pipeline.records(0, 40))
    pipeline.transaction(0, 0, 10, millis: System.currentTimeMillis() - OLD)
    pipeline.transaction(0, 10, 30, receipt: false, outputs: [])

    expect:
    only(recent(), LOST, "$source-0@10").records() == 20
  }

  def "an audit of the last minutes finds outputs that were written before their receipt"() {
    given:
    def now = System.currentTimeMillis()
    produce(pipeline.records(0, 10))
    pipeline.transaction(0, 0, 10, outputs: (0L..9L).collect { pipeline.output(0, it, millis: now - 660_000) })

    expect:
    audit(since: new Since.At(Instant.ofEpochMilli(now - 500_000))).isProof()
  }

  def "an output that holds something else than was written is found: #what"() {
    given: 'headers as they were'
    produce(pipeline.records(0, 10))
    def outputs = (0L..9L).collect { pipeline.output(0, it) }
    outputs[3] = new ProducerRecord<byte[], byte[]>(sink, 0, null, key, value, outputs[3].headers())
    pipeline.transaction(0, 0, 10, outputs: outputs)

    expect:
    only(audit(), UNACCOUNTED, "$source-0@0").sentence().startsWith('an output of the records at the offsets 0 to 9 has another key or value')

    where:
    what            | key        | value
    'a value'       | null       | 'z'.bytes
    'no value'      | null       | null
    'an empty key'  | new byte[0] | 'y'.bytes
    'they changed places' | 'y'.bytes | null
  }

  def "what outputs hold is not judged by a receipt that does not say it, and that is a note"() {
    given:
    produce(pipeline.records(0, 20))
    pipeline.transaction(0, 0, 10, content: false)
    pipeline.transaction(0, 10, 20)

    expect:
    with(audit()) {
      isProof()
      notes() == ['not judged for keys and values: the outputs of 1 receipts of an older version, which do not say what they hold']
    }
  }

  def "a second output of a record that was processed before the last minutes is found in these"() {
    given:
    produce(pipeline.records(0, 20))
    pipeline.transaction(0, 0, 10, millis: System.currentTimeMillis() - OLD, dead: [3L])
    pipeline.transaction(0, 10, 20)

    expect:
    recent().isProof()

    when: 'also one of another partition of the sink, and of a higher number, and a dead letter'
    produce([pipeline.output(0, 5), new ProducerRecord<byte[], byte[]>(sink, 1, null, 'y'.bytes, pipeline.output(0, 6, number: 3).headers()), pipeline.letter(0, 3)])

    then:
    recent().records() == [(UNACCOUNTED): 3L]
    recent().findings()*.sentence() as Set == [5, 6, 3].collect { "comes from $source-0@$it, whose receipt was written at least 60 min before".toString() } as Set
  }

  def "a second output is found that came soon after a receipt from just before the last minutes"() {
    given:
    def now = System.currentTimeMillis()
    produce(pipeline.records(0, 20))
    pipeline.transaction(0, 0, 10, millis: now - 660_000, dead: [3L])
    pipeline.transaction(0, 10, 20)

    expect:
    recent().isProof()

    when:
    produce([pipeline.output(0, 5, millis: now - 590_000), pipeline.letter(0, 3, now - 590_000)])

    then:
    recent().records() == [(DUPLICATED): 2L]
  }

  def "what receipts accounted for that were deleted is listed as not judged"() {
    given:
    produce(pipeline.records(0, 30))
    pipeline.transaction(0, 0, 10)
    pipeline.transaction(0, 10, 20)
    pipeline.transaction(0, 20, 30)

    when:
    cutReceipts(2)
    produce([pipeline.output(0, 5)])
    def report = audit()

    then:
    report.isClean()
    report.unjudged()*.where() == ["$source-0@0-9"]
  }

  def "where all receipts of a partition were deleted it is listed as not judged"() {
    given:
    produce(pipeline.records(0, 10))
    pipeline.transaction(0, 0, 10)
    cutReceipts(-1)

    expect:
    with(audit()) {
      isClean()
      unjudged()*.where() == ["$source-0@0-9"]
    }
  }

  def "a gap behind the receipts that were deleted is found all the same"() {
    given:
    def now = System.currentTimeMillis()
    produce(pipeline.records(0, 50))
    pipeline.transaction(0, 0, 10, millis: now - 3000)
    pipeline.transaction(0, 10, 20, millis: now - 2000)
    pipeline.transaction(0, 20, 30, millis: now - 1000)
    pipeline.transaction(0, 40, 50)
    cutReceipts(2)

    expect:
    with(audit()) {
      findings()*.where() == ["$source-0@30"]
      unjudged()*.where() == ["$source-0@0-9"]
    }
  }

  def "an event that was processed twice is found, though the second time #what"() {
    given:
    produce(pipeline.records(0, 10) + pipeline.records([4L: 'id-0-3'], 1, 10))
    pipeline.transaction(0, 0, 10)
    pipeline.transaction(second(this) as Map, 1, 0, 10)

    expect:
    only(audit(), DUPLICATED, "$source-").sentence().startsWith('has the event id of another record')
    audit(mayRepeat: true).isClean()

    where:
    what                      | second
    'it became a dead letter' | { [dead: [4L]] }
    'it emitted nothing'      | { s -> [counted: 9, sum: (0L..9L).toList() - 4L, outputs: ((0L..9L).toList() - 4L).collect { s.pipeline.output(1, it) }] }
  }

  def "an event that was processed before the last minutes and again is found by an audit of these"() {
    given:
    produce(pipeline.records(0, 10) + pipeline.records([4L: 'id-0-3'], 1, 10))
    pipeline.transaction(0, 0, 10, millis: System.currentTimeMillis() - OLD)
    pipeline.transaction(1, 0, 10, outputs: (0L..9L).collect { pipeline.output(1, it, id: it == 4L ? 'id-0-3' : null) })

    expect:
    only(recent(), DUPLICATED, "$source-1@4").sentence() ==
        "has the event id of another record, $source-0@3, which was processed 60 min before, and neither was dropped as a duplicate"

    and: 'not where the guard had forgotten it by then'
    recent(window: Duration.ofMillis(OLD - 1)).isProof()
    recent(mayRepeat: true).isProof()
  }

  def "a record that was dropped or delayed before the last minutes claims nothing in these"() {
    given:
    def old = System.currentTimeMillis() - OLD
    def span = new Receipt.Span(source, pipeline.sourceId, 0, 0, 10, new Receipt.Outcomes(8, 0, [3L], [], [], [5L]), Receipt.Sums.UNKNOWN)
    produce(pipeline.records([3L: 'id-1-3', 5L: 'id-1-5'], 0, 10) + pipeline.records(1, 10))
    pipeline.transaction(0, 0, 10, receipt: false, outputs: [])
    pipeline.decide('accept-loss', "$source-0@0", [span], millis: old)
    pipeline.transaction(1, 0, 10)

    expect:
    recent().isProof()
  }

  def "where what was processed in the guard's window before is deleted, that is listed"() {
    given:
    produce(pipeline.records(0, 20))
    pipeline.transaction(0, 0, 10, millis: System.currentTimeMillis() - OLD)
    pipeline.transaction(0, 10, 20)
    admin.deleteRecords([(new TopicPartition(source, 0)): RecordsToDelete.beforeOffset(5)]).all().get()

    expect:
    with(recent()) {
      isClean()
      unjudged()*.where() == ["$source-0@0-4"]
    }
    recent(window: RECENT).isProof()
  }

  def "where receipts of the guard's window before are deleted, that is listed"() {
    given:
    def old = System.currentTimeMillis() - OLD
    produce(pipeline.records(0, 30))
    pipeline.transaction(0, 0, 10, millis: old - 1000)
    pipeline.transaction(0, 10, 20, millis: old)
    pipeline.transaction(0, 20, 30)
    cutReceipts(2)

    expect:
    with(recent()) {
      isClean()
      unjudged()*.toString()*.startsWith("$source-0@10: receipts of the guard's window before") == [true]
    }
    recent(window: RECENT).isProof()
  }

  def "a dead letter that was replayed has its event id a second time by right, a third is found"() {
    given:
    def again = pipeline.records([4L: 'id-0-3', 5L: 'id-0-3'], 1, 10)
    again[4, 5].each { it.headers().add(new RecordHeader('replay-of', "$group-0@0".bytes)) }
    produce(pipeline.records(0, 10) + again)
    pipeline.transaction(0, 0, 10, dead: [3L])
    pipeline.transaction(1, 0, 5, outputs: (0L..4L).collect { pipeline.output(1, it, id: it == 4 ? 'id-0-3' : null) })

    expect:
    audit().isProof()

    when:
    pipeline.transaction(1, 5, 10, outputs: (5L..9L).collect { pipeline.output(1, it, id: it == 5 ? 'id-0-3' : null) })

    then:
    only(audit(), DUPLICATED, "$source-1@5")
  }

  def "two groups with one source and one sink are each judged by their own outputs"() {
    given:
    produce(pipeline.records(0, 10))
    def other = group + 'x'
    createTopic(other + '.receipts', 2)
    def second = new HandMadePipeline(bootstrapServers, admin, other, source, sink)
    pipeline.transaction(0, 0, 10)
    second.transaction(0, 0, 10)

    expect:
    audit().isProof()
    audit().counts().foreign() == 10

    cleanup:
    second?.close()
  }

  def "a source that was made anew is judged by what is of it, and what is not is listed"() {
    given:
    produce(pipeline.records(0, 10))
    pipeline.transaction(0, 0, 10, dead: [3L])
    def anew = makeAnew()
    produce((0..9).collect { anew.record(0, "new-$it") })
    anew.transaction(0, 0, 10, outputs: (0L..9L).collect { anew.output(0, it, id: "new-$it") }, worker: 'w-5')

    when:
    def report = audit()

    then:
    report.findings() == []
    report.unjudged()*.toString() as Set == [
        "$source: 1 receipts are of an earlier topic, which was deleted",
        "$sink: 9 outputs come from a source topic that was deleted",
        "$group" + ".dead-letters: 1 letters come from a source topic that was deleted"]*.toString() as Set

    when: 'and a fault in it is found'
    produce([anew.output(0, 5, id: 'new-5')])

    then:
    only(audit(), DUPLICATED, "$sink-0@")

    cleanup:
    anew?.close()
  }

  def "a duplicate whose original stood in a source that was made anew is listed, not found"() {
    given: 'the same events, loaded again'
    produce(pipeline.records(0, 10))
    pipeline.transaction(0, 0, 10)
    def anew = makeAnew()
    produce(anew.records(0, 10))
    anew.transaction(0, 0, 10, duplicates: (0L..9L).toList(), worker: 'w-5')

    when:
    def report = audit()

    then:
    report.findings() == []
    report.unjudged()*.toString().contains(
        "$source: the originals of 10 duplicates are not there: each may have stood in a source that was deleted and made anew".toString())

    cleanup:
    anew?.close()
  }

  def "a duplicate whose original stood in a source that is no longer configured is listed, not found"() {
    given:
    def former = unique('former')
    createTopic(former, 2)
    def before = new HandMadePipeline(bootstrapServers, admin, group, former, sink)
    produce(before.records(0, 10) + pipeline.records(0, 10))
    before.transaction(0, 0, 10, worker: 'w-5')
    pipeline.transaction(0, 0, 10, duplicates: (0L..9L).toList())

    when:
    def report = audit()

    then:
    report.findings() == []
    report.unjudged()*.why().any { it.startsWith('the originals of 10 duplicates') && it.endsWith('in a source that is not audited') }

    cleanup:
    before?.close()
  }

  def "a duplicate whose original a compacted source has lost is listed, not found"() {
    given: 'compaction keeps the last record of a key, which is the duplicate'
    produce(pipeline.records(0, 10))
    pipeline.transaction(0, 0, 10, duplicates: [6L])

    expect:
    only(audit(), LOST, "$source-0@6")

    when:
    compact(source)

    then:
    await(Duration.ofSeconds(20)) { audit().isClean() }
    audit().unjudged()*.where() == [source, source]
  }

  def "outputs that do not say of which topic they are, of one that was made anew, are listed"() {
    given:
    produce(pipeline.records(0, 10))
    pipeline.transaction(0, 0, 10, outputs: (0L..9L).collect { pipeline.output(0, it, old: true) })
    def anew = makeAnew()
    produce((0..9).collect { anew.record(0, "new-$it") })
    anew.transaction(0, 0, 10, outputs: (0L..9L).collect { anew.output(0, it, id: "new-$it") }, worker: 'w-5')

    expect:
    with(audit()) {
      findings() == []
      unjudged()*.why().any { it.startsWith('10 outputs do not say whether') }
    }

    cleanup:
    anew?.close()
  }

  def "an offset of a topic that was deleted is told of, and counts for nothing"() {
    given:
    produce(pipeline.records(0, 10))
    admin.alterConsumerGroupOffsets(group, [(new TopicPartition(source, 0)): new OffsetAndMetadata(10, Uuid.randomUuid().toString())]).all().get()

    expect:
    with(audit()) {
      isClean()
      notes() == ["the group's offset 10 of $source-0 is of a topic that was deleted: this one it has not begun".toString()]
    }
  }

  def "dead letters of another group in the same topic are none of this one's"() {
    given:
    produce(pipeline.records(0, 10))
    pipeline.transaction(0, 0, 10, dead: [3L])
    def theirs = pipeline.letter(0, 5)
    theirs.headers().remove('dead-letter-group')
    theirs.headers().add('dead-letter-group', (group + 'x').bytes)
    produce([theirs])

    expect:
    audit().isProof()
    audit().counts().foreign() == 1
  }

  def "a letter of a record that was a letter before is judged by its own headers"() {
    given:
    produce(pipeline.records(0, 10))
    def letter = pipeline.letter(0, 3)
    def before = [topic: 'first', partition: 0, offset: 7, via: 'first.retry.1m-0@1', group: 'another']
        .collect { name, value -> new RecordHeader("dead-letter-$name", value.toString().bytes) }
    def chained = new ProducerRecord<byte[], byte[]>(letter.topic(), 0, null, null, letter.value(), before + letter.headers().toList())
    def span = new Receipt.Span(source, pipeline.sourceId, 0, 0, 10, new Receipt.Outcomes(9, 0, [], [3L]), new Receipt.Sums(sumOf((0L..9L).toList() - 3L), OutputSum.UNKNOWN))
    pipeline.transaction(0, 0, 10, receipt: false, outputs: ((0L..9L).toList() - 3L).collect { pipeline.output(0, it) } + chained)
    writeReceipt(span, [(sink): 9, (group + '.dead-letters'): 1])

    expect:
    audit().isProof()
  }

  def "records processed again after a rewind are no duplicates, and the audit says how many"() {
    given:
    produce(pipeline.records(0, 30))
    pipeline.transaction(0, 0, 20)
    pipeline.rewind(0, 20, 5)

    expect: 'before it, and half-way through'
    audit().isProof()

    when:
    pipeline.transaction(0, 5, 12)
    def half = audit()
    pipeline.transaction(0, 12, 30)
    def report = audit()

    then:
    half.isProof()
    report.isProof()
    report.notes() == [
        "an operator decided: rewind of $source-0@20, because: a spec",
        "15 records of $source-0 were processed again on purpose, after a rewind"]*.toString()
    recent().isProof()

    when: 'a third time was nobody\'s purpose'
    stand(0, 8)
    pipeline.transaction(0, 8, 10)
    stand(0, 30)

    then:
    audit().findings().any { it.kind() == DUPLICATED && it.where() == "$source-0@8" && it.records() == 2 }
  }

  def "an output that is missing in what was processed again on purpose is found"() {
    given:
    produce(pipeline.records(0, 20))
    pipeline.transaction(0, 0, 20)
    pipeline.rewind(0, 20, 5)
    pipeline.transaction(0, 5, 20, outputs: (5L..18L).collect { pipeline.output(0, it) })

    expect:
    only(audit(), LOST, "$source-0@0").records() == 1
  }

  def "what was processed again on purpose has the outputs that its receipts add up to, by their records"() {
    given: 'counts that agree'
    produce(pipeline.records(0, 20))
    pipeline.transaction(0, 0, 20)
    pipeline.rewind(0, 20, 5)
    pipeline.transaction(0, 5, 20, outputs: ((5L..19L).toList() - 7L).collect { pipeline.output(0, it) } + pipeline.output(0, 19, number: 1))

    expect:
    only(audit(), LOST, "$source-0@0").sentence().startsWith('an output of its span is missing, and another record')
  }

  def "an output of a record that was dropped both times is found, though others were processed again"() {
    given:
    produce(pipeline.records([8L: 'id-0-3'], 0, 20))
    pipeline.transaction(0, 0, 20, duplicates: [8L])
    pipeline.rewind(0, 20, 5)
    def sum = (5L..19L).toList() - 8L
    pipeline.transaction(0, 5, 20, duplicates: [8L], sum: sum,
        outputs: (sum - 10L + 8L).sort().collect { pipeline.output(0, it, id: it == 8L ? 'id-0-3' : null) })

    expect:
    audit().findings().any { it.kind() == UNACCOUNTED && it.sentence() == "comes from $source-0@8, which its receipt lists as a duplicate" }
  }

  def "what a rewind gave back, and another tool took the group past, is found"() {
    given:
    produce(pipeline.records(0, 20))
    pipeline.transaction(0, 0, 20)
    pipeline.rewind(0, 20, 5)

    expect:
    audit().isProof()

    when:
    stand(0, 12)

    then:
    only(audit(), LOST, "$source-0@5").sentence() ==
        'a rewind gave the offsets 5 to 11 back, and no receipt says that they were processed again'
  }

  def "what is processed again on purpose while the audit runs is not found"() {
    given: 'a transaction behind the reading of the receipts'
    produce(pipeline.records(0, 20))
    pipeline.transaction(0, 0, 20)
    pipeline.rewind(0, 20, 5)
    def isDone = false
    def asked = new OneByOneAdmin(bootstrapServers, { TopicPartition partition ->
      if (partition.topic() == sink && !isDone) {
        isDone = true
        pipeline.transaction(0, 5, 12)
      }
    })

    when:
    def report = new Audit(asked, { pipeline.consumer() }, HandMadePipeline::eventId, Duration.ofSeconds(30))
        .run(AuditScope.of(group, [source], [sink]))

    then:
    isDone
    report.isProof()
    report.counts().later() == 7

    when: 'an output where the group has not come to again'
    produce([pipeline.output(0, 15)])

    then:
    only(audit(), UNACCOUNTED, "$sink-0@").sentence() == "comes from $source-0@15, and the group has only come to 12"

    cleanup:
    asked?.close(Duration.ZERO)
  }

  def "outputs of what was processed again on purpose come in order too"() {
    given:
    produce(pipeline.records(0, 20))
    pipeline.transaction(0, 0, 20)
    pipeline.rewind(0, 20, 5)
    pipeline.transaction(0, 5, 20, outputs: [5, 6, 8, 7, *(9..19)].collect { pipeline.output(0, it) })

    expect:
    only(audit(), OUT_OF_ORDER, "$sink-0@").sentence() == "comes from $source-0@7, after one from 8"
  }

  def "what was processed before the last minutes, and again in them on purpose, is listed"() {
    given:
    def old = System.currentTimeMillis() - OLD
    produce(pipeline.records(0, 20))
    pipeline.transaction(0, 0, 20, millis: old)
    pipeline.rewind(0, 20, 5, millis: old)
    pipeline.transaction(0, 5, 20)

    expect:
    with(recent()) {
      isClean()
      unjudged()*.where() == ["$source-0@5-19"]
    }
  }

  def "a compacted sink is not found short of outputs, and that is listed"() {
    given: 'one that keeps the last output of each key'
    produce(pipeline.records(0, 10))
    pipeline.transaction(0, 0, 10, outputs: (5L..9L).collect { pipeline.output(0, it) })

    expect:
    audit().of(LOST) == 5

    when:
    compact(sink)

    then:
    await(Duration.ofSeconds(20)) { audit().isClean() }
    audit().unjudged()*.where() == [sink]
  }

  def "a sink whose beginning was deleted is judged from the first output that is left"() {
    given:
    produce(pipeline.records(0, 30))
    pipeline.transaction(0, 0, 10)
    pipeline.transaction(0, 10, 20)
    pipeline.transaction(0, 20, 30, outputs: (20L..28L).collect { pipeline.output(0, it) })
    admin.deleteRecords([(new TopicPartition(sink, 0)): RecordsToDelete.beforeOffset(5)]).all().get()

    expect:
    with(audit()) {
      findings()*.where() == ["$source-0@20"]
      unjudged()*.toString() == ["$sink: its beginning was deleted: 1 receipts are older".toString()]
    }
  }

  def "a receipt of a generation of claims that had been replaced is found, #how"() {
    given:
    def now = System.currentTimeMillis()
    produce(pipeline.records(0, 20))
    pipeline.transaction(0, 0, 10, generation: '1-aaaa', millis: now - 300_000)
    pipeline.decide('generation', '2-bbbb', millis: now - 200_000, partition: 0, worker: 'w-9')
    pipeline.transaction(0, 10, 20, generation: '2-bbbb', millis: now - 190_000)

    expect:
    audit().isProof()

    when:
    produce(pipeline.records(1, 10))
    pipeline.transaction(1, 0, 10, generation: generation, millis: now)

    then:
    only(audit(), UNACCOUNTED, "$source-1@0").sentence().contains("is of the generation of claims $generation, which 2-bbbb had replaced")

    where:
    how                            | generation
    'by its number'                | '1-aaaa'
    'of a second store that counts alike' | '2-cccc'
  }

  def "a receipt that is missing where the reading began and there by now is read, not found"() {
    given: 'a partition that moves while the ends of the receipts are asked for'
    produce(pipeline.records(0, 40))
    def here = workerOf(0)
    def there = workerOf(1)
    pipeline.transaction(0, 0, 10, worker: here)
    def moved = false
    def asked = new OneByOneAdmin(bootstrapServers, { TopicPartition partition ->
      if (partition.topic() == group + '.receipts' && partition.partition() == 1 && !moved) {
        moved = true
        pipeline.transaction(0, 10, 20, worker: here)
        pipeline.transaction(0, 20, 30, worker: there)
      }
    })

    when:
    def report = new Audit(asked, { pipeline.consumer() }, HandMadePipeline::eventId, Duration.ofSeconds(30))
        .run(AuditScope.of(group, [source], [sink]))

    then:
    moved
    report.isProof()
    report.counts().receipts() == 3

    cleanup:
    asked?.close(Duration.ZERO)
  }

  /** Whose receipts go to this partition. */
  private static String workerOf(int partition) {
    (0..100).collect { "w-$it".toString() }.find { Utils.toPositive(Utils.murmur2(it.bytes)) % 2 == partition }
  }

  /** Asks for the end of one partition after the other, as a client does of several brokers. */
  static class OneByOneAdmin extends ForwardingAdmin {
    private final Closure<?> first

    OneByOneAdmin(String bootstrapServers, Closure<?> first) {
      super(['bootstrap.servers': bootstrapServers] as Map<String, Object>)
      this.first = first
    }

    @Override
    ListOffsetsResult listOffsets(Map<TopicPartition, OffsetSpec> asked, ListOffsetsOptions options) {
      def answers = [:]
      for (TopicPartition partition : asked.keySet().sort { it.partition() }) {
        if (asked[partition] instanceof OffsetSpec.LatestSpec) {
          first(partition)
        }
        answers[partition] = super.listOffsets([(partition): asked[partition]], options).partitionResult(partition)
        answers[partition].get()
      }
      new ListOffsetsResult(answers)
    }
  }

  private void stand(int partition, long offset) {
    admin.alterConsumerGroupOffsets(group, [(new TopicPartition(source, partition)): new OffsetAndMetadata(offset)]).all().get()
  }

  private void cutReceipts(long before) {
    def p = readCommitted(group + '.receipts')[0].partition()
    admin.deleteRecords([(new TopicPartition(group + '.receipts', p)): RecordsToDelete.beforeOffset(before)]).all().get()
  }

  private void compact(String topic) {
    admin.incrementalAlterConfigs([(new ConfigResource(ConfigResource.Type.TOPIC, topic)):
        [new AlterConfigOp(new ConfigEntry('cleanup.policy', 'compact'), AlterConfigOp.OpType.SET)]]).all().get()
  }

  private HandMadePipeline makeAnew() {
    admin.deleteTopics([source]).all().get()
    await(Duration.ofSeconds(20)) { !(source in admin.listTopics().names().get()) }
    createTopic(source, 2)
    new HandMadePipeline(bootstrapServers, admin, group, source, sink)
  }

  private void writeReceipt(Receipt.Span span, Map<String, Integer> outputs) {
    def receipt = new Receipt('w-0', 'spec', System.currentTimeMillis(), [span], new TreeMap<>(outputs))
    produce([new ProducerRecord<byte[], byte[]>(group + '.receipts', Receipts.write(receipt))])
  }

  private long sumOf(List<Long> offsets) {
    offsets.inject(0L) { sum, offset -> OutputSum.add(sum, offset, sink) }
  }

  private static Finding only(AuditReport report, Finding.Kind kind, String where) {
    assert report.findings().size() == 1
    assert report.findings()[0].kind() == kind
    assert report.findings()[0].where().startsWith(where)
    report.findings()[0]
  }

  private AuditReport recent(Map with = [:]) {
    audit(with + [since: new Since.At(Instant.now() - RECENT)])
  }

  private AuditReport audit(Map with = [:]) {
    new Audit(admin, { pipeline.consumer() }, HandMadePipeline::eventId, Duration.ofSeconds(30)).run(
        new AuditScope(group, [source], [sink], group + '.receipts', group + '.dead-letters',
            (with.since ?: Since.oldest()) as Since, with.mayRepeat ?: false, (with.window ?: Duration.ofHours(24)) as Duration, OutputHeaderNames.standard()))
  }
}
