package io.exactlyonce.receipt.audit

import io.exactlyonce.receipt.Receipt
import io.exactlyonce.receipt.Receipts
import org.apache.kafka.clients.consumer.OffsetAndMetadata
import org.apache.kafka.clients.producer.ProducerRecord
import org.apache.kafka.common.TopicPartition

import static io.exactlyonce.receipt.audit.report.Finding.Kind.DUPLICATED
import static io.exactlyonce.receipt.audit.report.Finding.Kind.LOST
import static io.exactlyonce.receipt.audit.report.Finding.Kind.OUT_OF_ORDER
import static io.exactlyonce.receipt.audit.report.Finding.Kind.UNACCOUNTED

/** Outputs, records and dead letters that are missing, there twice, or in another order. */
class AuditRecordsSpec extends AuditedGroup {

  def "an output that names another source position is found"() {
    given:
    produce(pipeline.records(0, 20))
    def altered = (0L..9L).collect { pipeline.output(0, it, position: it == 3L ? "$source-0@13" : null) }
    pipeline.transaction(0, 0, 10, outputs: altered)
    pipeline.transaction(0, 10, 20)

    when:
    def report = audit()

    then:
    report.of(LOST) == 1
    report.findings().find { it.kind() == LOST }.where() == "$source-0@0"
    !report.findings().findAll { it.kind() != LOST }.empty
  }

  def "an output that is missing is found"() {
    given:
    produce(pipeline.records(0, 10))

    when:
    pipeline.transaction(0, 0, 10, outputs: (0L..8L).collect { pipeline.output(0, it) }, counted: 10)

    then:
    only(audit(), LOST, "$source-0@0").records() == 1
  }

  def "an output that is there twice is found"() {
    given:
    halfway()

    when:
    produce([pipeline.output(0, 5)])

    then:
    only(audit(), DUPLICATED, "$sink-0@").sentence() ==
        "the event id id-0-5/0 is in $sink a second time, from $source-0@5"
  }

  def "an event id that was processed at two positions is found, unless ids may repeat"() {
    given:
    produce(pipeline.records(0, 10) + pipeline.records([4L: 'id-0-3'], 1, 10))
    pipeline.transaction(0, 0, 10)
    pipeline.transaction(1, 0, 10, outputs: (0L..9L).collect { pipeline.output(1, it, id: it == 4L ? 'id-0-3' : null) })

    expect: 'that, and no receipt that would miss an output by it'
    audit().records() == [(DUPLICATED): 1L]
    audit(mayRepeat: true).isClean()
  }

  def "outputs in another order than their sources are found"() {
    given:
    produce(pipeline.records(0, 10))

    when:
    pipeline.transaction(0, 0, 10, outputs: [0, 1, 3, 2, 4, 5, 6, 7, 8, 9].collect { pipeline.output(0, it) })

    then:
    only(audit(), OUT_OF_ORDER, "$sink-0@3").sentence() == "comes from $source-0@2, after one from 3"
  }

  def "a record that its receipt leaves out is found"() {
    given:
    produce(pipeline.records(0, 10))

    when: 'the receipt says 9 of 10, one of them a dead letter'
    pipeline.transaction(0, 0, 9, dead: [3L])
    pipeline.transaction(0, 9, 10, worker: 'w-1')
    def half = new Receipt.Span(source, pipeline.sourceId, 1, 0, 10, new Receipt.Outcomes(9, 0, [], []), Receipt.Sums.UNKNOWN)
    produce(pipeline.records(1, 10))
    def receipt = new Receipt('w-0', 'spec', System.currentTimeMillis(), [half], new TreeMap<>())
    produce([new ProducerRecord<byte[], byte[]>(group + '.receipts', Receipts.write(receipt))])
    admin.alterConsumerGroupOffsets(group, [(new TopicPartition(source, 1)): new OffsetAndMetadata(10)]).all().get()

    then:
    only(audit(), LOST, "$source-1@0").sentence().endsWith('accounts for 9 records at the offsets 0 to 9, and 10 are there')
  }

  def "a record that was dropped as a duplicate of nothing is found"() {
    given:
    produce(pipeline.records(0, 10))

    when:
    pipeline.transaction(0, 0, 10, duplicates: [6L])

    then:
    only(audit(), LOST, "$source-0@6").sentence() ==
        'was dropped as a duplicate, though no other record has its event id'
  }

  def "two copies that were both dropped are found, since neither was processed"() {
    given:
    produce(pipeline.records([6L: 'same', 8L: 'same'], 0, 10))

    when:
    pipeline.transaction(0, 0, 10, duplicates: [6L, 8L])

    then:
    audit().of(LOST) == 2
  }

  def "dead letters that are missing, there twice or not listed are found"() {
    given:
    produce(pipeline.records(0, 10))
    pipeline.transaction(0, 0, 10, dead: [2L, 3L])
    produce([pipeline.letter(0, 3), pipeline.letter(0, 5)])

    when:
    def report = audit()

    then:
    report.of(DUPLICATED) == 1
    report.of(UNACCOUNTED) == 1

    when:
    produce(pipeline.records(1, 10))
    pipeline.transaction(1, 0, 10)
    def lying = new Receipt.Span(source, pipeline.sourceId, 1, 10, 11, new Receipt.Outcomes(0, 0, [], [10L]), Receipt.Sums.UNKNOWN)
    def receipt = new Receipt('w-0', 'spec', System.currentTimeMillis(), [lying], new TreeMap<>())
    produce([new ProducerRecord<byte[], byte[]>(group + '.receipts', Receipts.write(receipt))])

    then:
    audit().findings().find { it.kind() == LOST }.where() == "$source-1@10"
  }
}
