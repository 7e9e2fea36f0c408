package io.exactlyonce.receipt.audit

import io.exactlyonce.config.value.OutputHeaderNames
import io.exactlyonce.receipt.HandMadePipeline
import io.exactlyonce.receipt.audit.report.AuditReport
import org.apache.kafka.clients.admin.RecordsToDelete
import org.apache.kafka.common.TopicPartition
import org.apache.kafka.common.errors.TimeoutException
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException
import spock.lang.Tag

import java.time.Duration
import java.time.Instant

import static io.exactlyonce.receipt.audit.report.Finding.Kind.LOST
import static io.exactlyonce.receipt.audit.report.Finding.Kind.OUT_OF_ORDER
import static io.exactlyonce.receipt.audit.report.Finding.Kind.UNACCOUNTED

/** A pipeline's log as it should be has no finding; each thing that is wrong with one is found. */
class AuditSpec extends AuditedGroup {

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
    report.unjudged()*.why() == ['outputs carry no event id: a duplicate output is found by the counts alone']
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
}
