package io.exactlyonce.receipt.audit

import io.exactlyonce.receipt.Receipt
import org.apache.kafka.clients.admin.RecordsToDelete
import org.apache.kafka.clients.producer.ProducerRecord
import org.apache.kafka.common.TopicPartition

import java.time.Duration
import java.time.Instant

import static io.exactlyonce.receipt.audit.report.Finding.Kind.DUPLICATED
import static io.exactlyonce.receipt.audit.report.Finding.Kind.LOST
import static io.exactlyonce.receipt.audit.report.Finding.Kind.UNACCOUNTED

/** An audit of the last minutes carries in what was before them. */
class AuditSinceSpec extends AuditedGroup {

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
}
