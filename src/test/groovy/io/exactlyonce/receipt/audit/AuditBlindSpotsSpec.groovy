package io.exactlyonce.receipt.audit

import io.exactlyonce.receipt.HandMadePipeline
import io.exactlyonce.receipt.OutputSum
import io.exactlyonce.receipt.Receipt
import org.apache.kafka.clients.admin.RecordsToDelete
import org.apache.kafka.clients.producer.ProducerRecord
import org.apache.kafka.common.TopicPartition
import org.apache.kafka.common.header.internals.RecordHeader

import java.time.Duration

import static io.exactlyonce.receipt.audit.report.Finding.Kind.DUPLICATED
import static io.exactlyonce.receipt.audit.report.Finding.Kind.LOST
import static io.exactlyonce.receipt.audit.report.Finding.Kind.UNACCOUNTED

/** What is wrong is found wherever it is, or listed as not judged; what is right is not found. */
class AuditBlindSpotsSpec extends AuditedGroup {

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

  def "a group that began where the log began by then has lost nothing"() {
    given:
    produce(pipeline.records(0, 10))
    admin.deleteRecords([(new TopicPartition(source, 0)): RecordsToDelete.beforeOffset(5)]).all().get()
    pipeline.transaction(0, 5, 10)

    expect:
    audit().isProof()
  }

  def "a dead letter from beyond what the group has read is found"() {
    given:
    produce(pipeline.records(0, 10))
    pipeline.transaction(0, 0, 10)
    produce([pipeline.letter(0, 999)])

    expect:
    only(audit(), UNACCOUNTED, "$group").sentence() == "comes from $source-0@999, but the group has committed only up to 10"
  }

  def "a number that is missing below another is found at its record, also by receipts of older versions"() {
    given:
    produce(pipeline.records(0, 2))
    pipeline.transaction(0, 0, 2, counted: 3, sum: false,
        outputs: [pipeline.output(0, 0, number: 1), pipeline.output(0, 1), pipeline.output(0, 1, number: 1)])

    expect:
    only(audit(), LOST, "$source-0@0").sentence().startsWith('output 0 of this record is missing')
  }

  def "a receipt that accounts for more records than are there is found"() {
    given:
    produce(pipeline.records(0, 10))
    pipeline.transaction(0, 0, 10, counts: 500)

    expect:
    only(audit(), UNACCOUNTED, "$source-0@0").records() == 490
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
}
