package io.exactlyonce.receipt.audit

import io.exactlyonce.receipt.HandMadePipeline
import org.apache.kafka.common.TopicPartition

import java.time.Duration

import static io.exactlyonce.receipt.audit.report.Finding.Kind.DUPLICATED
import static io.exactlyonce.receipt.audit.report.Finding.Kind.LOST
import static io.exactlyonce.receipt.audit.report.Finding.Kind.OUT_OF_ORDER
import static io.exactlyonce.receipt.audit.report.Finding.Kind.UNACCOUNTED

/** What was processed again on purpose is told from what was doubled. */
class AuditRewindSpec extends AuditedGroup {

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
    only(audit(), UNACCOUNTED, "$sink-0@").sentence() == "comes from $source-0@15, but the group has committed only up to 12"

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
}
