package io.exactlyonce.receipt.audit

import io.exactlyonce.receipt.audit.report.Finding
import org.apache.kafka.clients.consumer.OffsetAndMetadata
import org.apache.kafka.common.TopicPartition

import static io.exactlyonce.receipt.audit.report.Finding.Kind.DUPLICATED
import static io.exactlyonce.receipt.audit.report.Finding.Kind.LOST
import static io.exactlyonce.receipt.audit.report.Finding.Kind.UNACCOUNTED

/** Receipts that are missing, offsets that were set by a tool, and outputs that no receipt tells of. */
class AuditReceiptsSpec extends AuditedGroup {

  def "an output that was written outside a transaction is found"() {
    given:
    halfway()

    when:
    produce([pipeline.output(0, 5, id: 'another')])
    def report = audit()

    then: 'it is no output of the record that it names'
    only(report, UNACCOUNTED, "$sink-0@").sentence() == "comes from $source-0@5, whose event id is another: another/0"
  }

  def "an output of a record that had none is found"() {
    given:
    produce(pipeline.records(0, 20))
    pipeline.transaction(0, 0, 10, outputs: (0L..8L).collect { pipeline.output(0, it) }, counted: 9, sum: (0L..8L).toList())

    when:
    produce([pipeline.output(0, 9)])

    then:
    only(audit(), UNACCOUNTED, "$source-0@0").sentence().endsWith("counts 9 outputs to $sink, and 10 are there")
  }

  def "outputs whose source is no record that was processed are found: #why"() {
    given:
    produce(pipeline.records(0, 10) + pipeline.records([4L: 'id-0-3'], 1, 10))
    pipeline.transaction(0, 0, 10)
    pipeline.transaction(1, 0, 10, duplicates: [4L], dead: [7L])

    when:
    produce([pipeline.output(1, offset, id: offset == 4L ? 'id-0-3' : null)])

    then:
    only(audit(), UNACCOUNTED, "$sink-1@").sentence() == "comes from $source-1@$offset, which its receipt lists as a $why"

    where:
    offset || why
    4L     || 'duplicate'
    7L     || 'dead letter'
  }

  def "a receipt that is missing is found, with the outputs that it should count"() {
    given:
    produce(pipeline.records(0, 30))
    pipeline.transaction(0, 0, 10)
    pipeline.transaction(0, 10, 20, receipt: false)
    pipeline.transaction(0, 20, 30)

    when:
    def report = audit()

    then:
    report.of(LOST) == 10
    report.findings()[0] == new Finding(LOST, "$source-0@10", 10, 'no receipt accounts for the offsets 10 to 19')
    report.of(UNACCOUNTED) == 10
    report.findings().drop(1).every { it.sentence().endsWith('which is in no receipt') }
  }

  def "the last receipt that is missing is found by the committed offset"() {
    given:
    produce(pipeline.records(0, 20))
    pipeline.transaction(0, 0, 10)
    pipeline.transaction(0, 10, 20, receipt: false, outputs: [])

    expect:
    only(audit(), LOST, "$source-0@10").records() == 10
  }

  def "offsets that were set forward are found as a gap"() {
    given:
    produce(pipeline.records(0, 30))
    pipeline.transaction(0, 0, 10)
    pipeline.transaction(0, 20, 30)

    expect:
    only(audit(), LOST, "$source-0@10").records() == 10
  }

  def "offsets that were set back are found before anything is read again"() {
    given:
    halfway()

    when:
    admin.alterConsumerGroupOffsets(group, [(new TopicPartition(source, 0)): new OffsetAndMetadata(4)]).all().get()

    then:
    only(audit(), UNACCOUNTED, "$source-0@4").records() == 6
  }

  def "offsets that were set back are found as an overlap, and what was written again as duplicated"() {
    given:
    halfway()

    when:
    pipeline.transaction(0, 5, 20)
    def report = audit()

    then:
    report.records().keySet() == [DUPLICATED] as Set
    report.findings()[0].where() == "$source-0@5"
    report.findings()[0].records() == 5
    report.findings()[0].sentence().startsWith('the offsets 5 to 9 are in the receipts ')
    report.of(DUPLICATED) == 10
    report.findings().drop(1)*.where().every { it.startsWith("$sink-0@") }
  }
}
