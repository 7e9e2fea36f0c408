package io.exactlyonce.engine

import io.exactlyonce.cli.AcceptLossCommand
import io.exactlyonce.handler.Handler
import io.exactlyonce.handler.Outcome
import io.exactlyonce.handler.Output
import io.exactlyonce.receipt.HandMadePipeline
import io.exactlyonce.receipt.audit.Audit
import io.exactlyonce.receipt.audit.AuditScope
import io.exactlyonce.receipt.audit.report.AuditReport
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions
import org.apache.kafka.clients.admin.RecordsToDelete
import org.apache.kafka.clients.consumer.OffsetAndMetadata
import org.apache.kafka.common.TopicPartition
import org.apache.kafka.common.Uuid
import picocli.CommandLine
import spock.lang.Tag

import java.time.Duration
import java.util.concurrent.CountDownLatch

/** The group's offsets, or the records before them, are gone: never a silent start over or jump. */
class VanishedOffsetsSpec extends PipelineSpec {

  @Tag('long')
  def "the group was deleted while the pipeline was down: it goes on where the receipts end (guard #guard)"() {
    given:
    def first = run('guard.store': guard)
    produce((0..<300).collect { record("v$it", partition: it % 2) })
    awaitDrained()
    first.close()

    when:
    admin.deleteConsumerGroups([name]).all().get()
    produce((300..<330).collect { record("v$it", partition: it % 3) })
    run('guard.store': guard)
    awaitDrained()

    then: 'nothing twice and nothing left out, in the partition too that nothing was read of'
    visible() == (0..<330).collect { "v$it".toString() }.sort()
    guarantees.receiptsJoin()

    where:
    guard << ['off', 'redis']
  }

  @Tag('long')
  def "the topic was cut below the committed offset: the pipeline stops with the range, and goes on when it is accepted"() {
    given:
    def first = run()
    produce((0..<20).collect { record("v$it", partition: 0) })
    awaitDrained()
    first.close()
    produce((20..<50).collect { record("v$it", partition: 0) } + [record('other', partition: 1)])

    when:
    cut(40)
    def second = run()
    await(BOUND) { assert trouble(second).contains('gone for good') }

    then:
    trouble(second).contains("$source-0@20-39")
    trouble(second).contains("accept-loss --group $name --range $source-0@20-39")
    !visible().contains('v40')

    when: 'somebody accepts another range, or while records of it are still there'
    second.close()

    then:
    accept("$source-0@20-45").contains("begins at 40")
    accept("$source-0@10-39").contains("stands at 20, not at 10")

    when:
    def refused = accept("$source-0@20-39")
    run()
    awaitDrained()

    then:
    refused == ''
    visible() == ((0..<20) + (40..<50)).collect { "v$it".toString() }.plus('other').sort()
    guarantees.receiptsJoin()

    and: 'the audit tells'
    def report = guarantees.audit()
    report.findings() == []
    report.notes() == ["an operator decided: accept-loss of $source-0@20-39, because: it was a test"]
  }

  @Tag('long')
  def "a range that is not lost is refused, and moves nothing: #range"() {
    given:
    def first = run()
    produce((0..<100).collect { record("v$it", partition: 0) })
    awaitDrained()
    first.close()
    produce((100..<150).collect { record("v$it", partition: 0) })
    cut(150)

    expect:
    def said = accept(range.replace('SOURCE', source))
    said.startsWith('accept-loss: ')
    said.readLines().size() == 1
    said.contains(says.replace('SOURCE', source).replace('GROUP', name))
    committed(0).offset() == 100

    where:
    range                                   || says
    'SOURCE-0@100-50'                       || 'SOURCE-0@100-50 is no range: write the first offset that is gone and the last one; to set a group back use the command rewind'
    'SOURCE-0@100-99'                       || 'is no range'
    'SOURCE-0@100-150'                      || 'SOURCE-0 ends at 150: 150 was never written'
    'SOURCE-0@100-999999'                   || 'SOURCE-0 ends at 150'
    'SOURCE-0@99-149'                       || 'SOURCE-0 stands at 100, not at 99'
    'SOURCE-0@101-149'                      || 'SOURCE-0 stands at 100, not at 101'
    'SOURCE-0@-100-149'                     || 'is no TOPIC-PARTITION@FIRST-LAST'
    'SOURCE-0@100--149'                     || 'is no TOPIC-PARTITION@FIRST-LAST'
    'SOURCE-0@100-99999999999999999999'     || 'is no TOPIC-PARTITION@FIRST-LAST'
    'SOURCE-99999999999@100-149'            || 'is no TOPIC-PARTITION@FIRST-LAST'
    'SOURCE-3@0-0'                          || 'there is no SOURCE-3: SOURCE has 3 partitions'
    'SOURCE-1@0-0'                          || 'SOURCE-1 ends at 0: 0 was never written'
    'no-such-topic-0@100-149'               || 'topic no-such-topic does not exist'
  }

  @Tag('long')
  def "loss is not accepted for a group with members, of an earlier topic's offset, or of what it never read"() {
    given:
    def running = run()
    produce((0..<20).collect { record("v$it", partition: 0) } + [record('w', partition: 1)])
    awaitDrained()
    def standing = committed(0)

    expect:
    accept("$source-0@0-19").contains("group $name has members [$name-test-0]; stop the pipeline on every instance")
    committed(0) == standing

    when: 'the offset says of which topic it is'
    running.close()
    produce((20..<30).collect { record("v$it", partition: 0) } + (0..<5).collect { record("x$it", partition: 2) })
    admin.deleteRecords([0: 30L, 2: 5L].collectEntries { p, to -> [new TopicPartition(source, p), RecordsToDelete.beforeOffset(to)] }).all().get()
    def earlier = Uuid.randomUuid()
    admin.alterConsumerGroupOffsets(name, [(new TopicPartition(source, 0)): new OffsetAndMetadata(20, earlier.toString())]).all().get()

    then:
    accept("$source-0@20-29").contains("offset 20 is one of an earlier topic of that name (id $earlier, now ${topicId()})")
    accept("$source-2@0-4").contains("group $name has neither an offset nor a receipt of $source-2; check --group and --range")

    when: 'one that a tool set says nothing of its topic and is believed'
    admin.alterConsumerGroupOffsets(name, [(new TopicPartition(source, 0)): new OffsetAndMetadata(20)]).all().get()

    then:
    accept("$source-0@20-29") == ''
    await(BOUND) { assert committed(0) != null } // until its marker is written there is none
    committed(0).offset() == 30
    committed(0).metadata() == topicId().toString()
  }

  private OffsetAndMetadata committed(int partition) {
    admin.listConsumerGroupOffsets(name, new ListConsumerGroupOffsetsOptions().requireStable(true))
        .partitionsToOffsetAndMetadata().get()[new TopicPartition(source, partition)]
  }

  private Uuid topicId() {
    admin.describeTopics([source]).allTopicNames().get()[source].topicId()
  }

  def "the topic is cut ahead of a pipeline that runs: what it holds is committed, then it stops with the range"() {
    given:
    String to = sink
    def gate = new CountDownLatch(1)
    def slow = { event ->
      gate.await()
      Outcome.emit(Output.to(to, event.key(), event.value()))
    } as Handler<String>

    when: 'it holds a few records and pauses, and its client has fetched little more'
    (0..9).each { tens -> produce((0..9).collect { record("v${tens * 10 + it}", partition: 0) }) }
    def running = run(['in-flight-records': '8', 'consumer.max.poll.records': '5', 'consumer.max.partition.fetch.bytes': '1'], slow)
    await(BOUND) { assert running.pipeline().counters().read.sum() >= 5 }
    cut(90)
    gate.countDown()
    await(BOUND) { assert trouble(running).contains('gone for good') }

    then:
    def range = (trouble(running) =~ /$source-0@(\d+)-89/)
    range.find()
    def stoodAt = range.group(1) as int

    and:
    visible() == (0..<stoodAt).collect { "v$it".toString() }.sort()
    stoodAt >= 5
  }

  private static String trouble(running) {
    def status = running.pipeline().status()
    status.trouble() + status.workers()*.trouble().join(' ')
  }

  private void cut(long before) {
    admin.deleteRecords([(new TopicPartition(source, 0)): RecordsToDelete.beforeOffset(before)]).all().get()
  }

  /** What it says against it; empty where it did as it was told. */
  private String accept(String range) {
    def err = new StringWriter()
    def status = new CommandLine(new AcceptLossCommand())
        .setOut(new PrintWriter(new StringWriter()))
        .setErr(new PrintWriter(err))
        .execute('--bootstrap-servers', bootstrapServers, '--group', name, '--range', range, '--because', 'it was a test')
    assert (status == 0) == err.toString().empty
    err.toString()
  }
}
