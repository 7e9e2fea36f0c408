package io.exactlyonce.receipt.audit

import io.exactlyonce.receipt.HandMadePipeline
import org.apache.kafka.clients.consumer.OffsetAndMetadata
import org.apache.kafka.common.TopicPartition
import org.apache.kafka.common.Uuid

import static io.exactlyonce.receipt.audit.report.Finding.Kind.DUPLICATED

/** Of topics that were made anew, or are not audited any more, what cannot be judged is listed. */
class AuditMadeAnewSpec extends AuditedGroup {

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
      notes() == ["the group's offset 10 of $source-0 is of a deleted topic of that name; the group has committed nothing of the present one".toString()]
    }
  }
}
