package io.exactlyonce.receipt.audit

import io.exactlyonce.receipt.Receipt
import org.apache.kafka.clients.admin.RecordsToDelete
import org.apache.kafka.common.TopicPartition

import java.time.Duration

import static io.exactlyonce.receipt.audit.report.Finding.Kind.LOST

/** What was deleted, or compacted, is listed as not judged; what is left is judged. */
class AuditDeletedSpec extends AuditedGroup {

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
          "$source-1@0-9: the group has neither an offset nor a receipt there: no worker has processed these records, or their receipts were deleted".toString())
    }
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

  def "a duplicate whose original a compacted source has lost is listed, not found"() {
    given: 'compaction keeps the last record of a key, which is the duplicate'
    produce(pipeline.records(0, 10))
    pipeline.transaction(0, 0, 10, duplicates: [6L])

    expect:
    only(audit(), LOST, "$source-0@6")

    when:
    compact(source)

    then:
    await(Duration.ofSeconds(20)) { assert audit().isClean() }
    audit().unjudged()*.where() == [source, source]
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
    await(Duration.ofSeconds(20)) { assert audit().isClean() }
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
}
