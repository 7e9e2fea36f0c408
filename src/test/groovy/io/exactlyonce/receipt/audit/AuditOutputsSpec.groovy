package io.exactlyonce.receipt.audit

import io.exactlyonce.receipt.HandMadePipeline
import org.apache.kafka.clients.consumer.OffsetAndMetadata
import org.apache.kafka.clients.producer.ProducerRecord
import org.apache.kafka.common.TopicPartition

import static io.exactlyonce.receipt.audit.report.Finding.Kind.DUPLICATED
import static io.exactlyonce.receipt.audit.report.Finding.Kind.LOST
import static io.exactlyonce.receipt.audit.report.Finding.Kind.UNACCOUNTED

/** Each output is held against its own record. */
class AuditOutputsSpec extends AuditedGroup {

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
        ["comes from $source-0@999, but the group has committed only up to 10", "comes from $source-1@3, but the group has committed only up to 0"]*.toString() as Set
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
}
