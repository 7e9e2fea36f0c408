package io.exactlyonce.receipt.audit

import io.exactlyonce.config.value.OutputHeaderNames
import io.exactlyonce.local.BackendsSpec
import io.exactlyonce.receipt.HandMadePipeline
import io.exactlyonce.receipt.Receipt
import io.exactlyonce.receipt.Receipts
import io.exactlyonce.receipt.audit.report.AuditReport
import io.exactlyonce.receipt.audit.report.Finding
import org.apache.kafka.clients.admin.RecordsToDelete
import org.apache.kafka.clients.consumer.OffsetAndMetadata
import org.apache.kafka.clients.producer.ProducerRecord
import org.apache.kafka.common.TopicPartition
import org.apache.kafka.common.errors.TimeoutException
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException
import spock.lang.AutoCleanup
import spock.lang.Tag

import java.time.Duration
import java.time.Instant

import static io.exactlyonce.receipt.audit.report.Finding.Kind.DUPLICATED
import static io.exactlyonce.receipt.audit.report.Finding.Kind.LOST
import static io.exactlyonce.receipt.audit.report.Finding.Kind.OUT_OF_ORDER
import static io.exactlyonce.receipt.audit.report.Finding.Kind.UNACCOUNTED

/** A pipeline's log as it should be has no finding; each thing that is wrong with one is found. */
class AuditSpec extends BackendsSpec {

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

  def "a log with duplicates, dead letters, an abort and a partition that moved is clean"() {
    given:
    produce(pipeline.records(0, 30) + pipeline.records([4L: 'id-0-3'], 1, 30))
    pipeline.transaction(0, 0, 10)
    pipeline.transaction(1, 0, 10, worker: 'w-1', duplicates: [4L], dead: [7L])
    pipeline.transaction(0, 10, 20, abort: true)
    pipeline.transaction(0, 10, 20, worker: 'w-2')
    pipeline.transaction(1, 10, 30)
    pipeline.transaction(0, 20, 30, worker: 'w-1')

    when:
    def report = audit()

    then:
    report.findings() == []
    report.isClean()
    report.notes() == []
    report.counts() == new AuditReport.Counts(5, 60, 1, 1, 58, 0, 0)
  }

  def "nothing was read yet and nothing is found"() {
    expect:
    audit().isClean()
  }

  def "a group that committed without any receipt is found"() {
    given:
    produce(pipeline.records(0, 10))
    pipeline.transaction(0, 0, 10, receipt: false, outputs: [])

    expect:
    only(audit(), LOST, "$source-0@0").sentence() == 'the group stands at 10, but no receipt accounts for 0 onwards'
  }

  def "outputs without a source position are not judged, and that is said; all else is"() {
    given:
    halfway()
    produce([pipeline.output(0, 5)])

    when:
    def report = audit(headers: new OutputHeaderNames('event-id', 'off'))

    then:
    report.isClean()
    report.unjudged()*.toString() == ["$sink: outputs carry no source position: nothing ties them to receipts".toString()]
    !report.isProof()
    report.counts().outputs() == 0
    report.counts().receipts() > 0
  }

  def "outputs without an event id are judged by counts and order: one too many is found"() {
    given:
    halfway()

    expect:
    audit(headers: new OutputHeaderNames('off', 'source-position')).isClean()

    when:
    produce([pipeline.output(0, 5)])
    def report = audit(headers: new OutputHeaderNames('off', 'source-position'))

    then:
    report.unjudged()*.why() == ['outputs carry no event id: one that is there twice shows by the counts alone']
    report.findings()*.kind() as Set == [OUT_OF_ORDER, UNACCOUNTED] as Set
  }

  def "headers of another name are what they are said to be"() {
    given:
    halfway()

    when: 'under these names there are none: they are of other writers'
    def report = audit(headers: new OutputHeaderNames('id', 'from'))

    then:
    report.counts().outputs() == 0
    report.of(LOST) > 0
  }

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

  def "what retention deleted is not judged, and the report says so"() {
    given:
    produce(pipeline.records(0, 30))
    pipeline.transaction(0, 0, 10)
    pipeline.transaction(0, 10, 20)
    pipeline.transaction(0, 20, 30)

    when: 'the first receipt and some outputs go'
    def receipts = admin.describeTopics([group + '.receipts']).allTopicNames().get()[group + '.receipts']
    receipts.partitions().each {
      def partition = new TopicPartition(group + '.receipts', it.partition())
      if (readCommitted(group + '.receipts').any { r -> r.partition() == partition.partition() }) {
        admin.deleteRecords([(partition): RecordsToDelete.beforeOffset(1)]).all().get()
      }
    }
    admin.deleteRecords([(new TopicPartition(sink, 0)): RecordsToDelete.beforeOffset(5)]).all().get()
    def report = audit()

    then:
    report.findings() == []
    report.unjudged()*.toString() == ["$source-0@0-9: no receipt accounts for them, and receipts of that time were deleted".toString()]
    report.counts().receipts() == 2
  }

  def "only receipts since a point in time are judged"() {
    given: 'a gap long ago'
    def old = System.currentTimeMillis() - 3_600_000
    produce(pipeline.records(0, 40))
    pipeline.transaction(0, 0, 10, millis: old)
    pipeline.transaction(0, 20, 30, millis: old)
    pipeline.transaction(0, 30, 40)

    expect:
    !audit().isClean()
    audit(since: new Since.At(Instant.now() - Duration.ofMinutes(10))).isClean()
    audit(since: new Since.Oldest(Duration.ofMinutes(10))).isClean()
    audit(since: new Since.Oldest(Duration.ofMinutes(10))).counts().receipts() == 1
  }

  @Tag('long')
  def "an audit beside a pipeline that runs finds nothing"() {
    given:
    produce(pipeline.records(0, 4_000) + pipeline.records(1, 4_000))
    def writing = Thread.start {
      for (long i = 0; i < 4_000; i += 20) {
        pipeline.transaction(0, i, i + 20, worker: "w-${(i / 100 as int) % 3}".toString())
        pipeline.transaction(1, i, i + 20, worker: "w-${(i / 100 as int) % 2}".toString())
      }
    }

    when:
    def reports = []
    while (writing.alive) {
      reports << audit()
    }
    reports << audit()

    then:
    reports.size() > 1
    reports.every { it.findings() == [] }
    reports[-1].counts().outputs() == 8_000

    cleanup:
    writing.join()
  }

  def "a transaction that stays open is told of, since what it hides cannot be judged"() {
    given:
    halfway()
    def open = pipeline.producer('w-7')
    open.beginTransaction()
    open.send(pipeline.output(0, 15)).get()

    when:
    audit(patience: Duration.ofSeconds(1))

    then:
    def told = thrown(TimeoutException)
    told.message.startsWith("$sink-0 cannot be read from 11 to 12: nothing for 1 s")

    when:
    open.abortTransaction()

    then:
    audit().isClean()
  }

  def "a topic that does not exist is told of"() {
    when:
    new Audit(admin, { pipeline.consumer() }, HandMadePipeline::eventId, Duration.ofSeconds(30))
        .run(AuditScope.of(group, [source], ['no-such-sink']))

    then:
    def told = thrown(UnknownTopicOrPartitionException)
    told.message == 'topic no-such-sink does not exist'
  }

  private void halfway() {
    produce(pipeline.records(0, 20))
    pipeline.transaction(0, 0, 10)
  }

  private static Finding only(AuditReport report, Finding.Kind kind, String where) {
    assert report.findings().size() == 1
    assert report.findings()[0].kind() == kind
    assert report.findings()[0].where().startsWith(where)
    report.findings()[0]
  }

  private AuditReport audit(Map with = [:]) {
    def audit = new Audit(admin, { pipeline.consumer() }, HandMadePipeline::eventId, (with.patience ?: Duration.ofSeconds(30)) as Duration)
    audit.run(
        new AuditScope(
            group,
            [source],
            [sink],
            group + '.receipts',
            group + '.dead-letters',
            (with.since ?: Since.oldest()) as Since,
            with.mayRepeat ?: false,
            Duration.ofHours(24),
            (with.headers ?: OutputHeaderNames.standard()) as OutputHeaderNames))
  }
}
