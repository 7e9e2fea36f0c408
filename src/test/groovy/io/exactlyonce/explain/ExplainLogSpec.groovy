package io.exactlyonce.explain

import io.exactlyonce.receipt.HandMadePipeline
import io.exactlyonce.receipt.Receipt
import io.exactlyonce.receipt.Receipts
import org.apache.kafka.clients.admin.RecordsToDelete
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata
import org.apache.kafka.clients.consumer.OffsetAndMetadata
import org.apache.kafka.clients.producer.KafkaProducer
import org.apache.kafka.clients.producer.ProducerRecord
import org.apache.kafka.common.TopicPartition
import org.apache.kafka.common.serialization.ByteArraySerializer
import spock.lang.Tag

import java.time.Duration
import java.time.Instant

import static io.exactlyonce.explain.Fate.GIVEN_UP
import static io.exactlyonce.explain.Fate.NEVER_SEEN
import static io.exactlyonce.explain.Fate.NOT_YET
import static io.exactlyonce.explain.Fate.PROCESSED
import static io.exactlyonce.explain.Fate.SKIPPED
import static io.exactlyonce.explain.Fate.UNKNOWN
import static io.exactlyonce.explain.Step.What.OUTPUT
import static io.exactlyonce.explain.Step.What.RECEIPT
import static io.exactlyonce.explain.Step.What.RECORD
import static io.exactlyonce.explain.Step.What.REWIND

/** What is told where the log is short of something: receipts, records, time, or the id itself. */
class ExplainLogSpec extends Explained {

  def "at a stop for a decision the record is the next one that the group has to process"() {
    given:
    broken << 'bad'
    def pipeline = mendable(['retry.on-exhausted': 'stop']).pipeline()
    produce([record('bad', partition: 0), record('b', partition: 0)])
    await(BOUND) { assert !pipeline.status().stops().empty }

    expect:
    id('bad').fate() == NOT_YET
    id('bad').why().endsWith('and it is the next one: in flight, or its partition is stopped at it, which /pipelines shows')
    id('b').why().endsWith(': in flight, or not yet read')
  }

  def "what its handler skipped, what a decision gave up and what was set back are told"() {
    given:
    def pipeline = handMade()
    produce(pipeline.records(0, 8))
    pipeline.transaction(0, 0, 2)
    write(new Receipt.Span(source, pipeline.sourceId, 0, 2, 3, new Receipt.Outcomes(0, 1, [], []), Receipt.Sums.UNKNOWN), [])
    write(new Receipt.Span(source, pipeline.sourceId, 0, 3, 4, new Receipt.Outcomes(0, 0, [], [], [3L], []), Receipt.Sums.UNKNOWN),
        [new Receipt.Decision("$source-0@3", 'skip', 'asked the bank', 'me')])
    pipeline.transaction(0, 4, 6)

    expect:
    position("$source-0@2").fate() == SKIPPED
    position("$source-0@2").isProcessed()
    position("$source-0@3").fate() == GIVEN_UP
    position("$source-0@3").why() == 'it was given up by decision (skip): asked the bank'

    when: 'the group goes back'
    pipeline.rewind(0, 6, 5)

    then:
    with(position("$source-0@5")) {
      fate() == NOT_YET
      why().startsWith("the group was set back before it; the group's offset is 5, and it is the next one")
      records()[0].steps()*.what().toSet() == [RECORD, RECEIPT, REWIND].toSet()
    }
    position("$source-0@4").fate() == PROCESSED
  }

  @Tag('long')
  def "what is not in the log was never seen: an id, a coming offset, a marker, an open transaction"() {
    given:
    run()
    produce([record('a', partition: 0)])
    awaitDrained()
    def producer = new KafkaProducer<byte[], byte[]>(
        ['bootstrap.servers': bootstrapServers, 'transactional.id': "$name-other".toString()], new ByteArraySerializer(), new ByteArraySerializer())
    producer.initTransactions()
    producer.beginTransaction()
    producer.send(record('aborted', partition: 0)).get()
    producer.abortTransaction()
    producer.beginTransaction()
    producer.send(record('open', partition: 2)).get()

    expect:
    with(id('nobody')) {
      fate() == NEVER_SEEN
      records() == []
      why() == "no record of [$source] has it"
      read().sources() == 1
    }
    id('aborted').fate() == NEVER_SEEN
    id('open').fate() == NEVER_SEEN
    position("$source-1@5").why() == "$source-1 ends at 0"
    position("$source-0@1").why().startsWith('no record is there')
    position("$source-2@0").why().startsWith("its producer's transaction is open")
    ["$source-1@5", "$source-0@1", "$source-2@0"].every { position(it.toString()).fate() == NEVER_SEEN }

    cleanup:
    producer?.abortTransaction()
    producer?.close(Duration.ZERO)
  }

  def "an id is searched from a time on, and the time is told"() {
    given:
    def pipeline = handMade()
    long now = System.currentTimeMillis()
    produce([pipeline.record(0, 'old', now - 7_200_000), pipeline.record(0, 'new', now)])
    pipeline.transaction(0, 0, 2)

    expect:
    id('old').fate() == PROCESSED
    with(id('old', Instant.ofEpochMilli(now - 3_600_000))) {
      fate() == NEVER_SEEN
      read().since() == Instant.ofEpochMilli(now - 3_600_000)
      read().sources() == 1
    }
  }

  def "without a receipt left an event before the group's offset is unknown, and it is said why"() {
    given:
    def pipeline = handMade()
    produce(pipeline.records(0, 8))
    pipeline.transaction(0, 0, 4)
    pipeline.transaction(0, 4, 5, receipt: false)

    expect: 'nothing was deleted: somebody else moved the offset'
    position("$source-0@4").fate() == UNKNOWN
    position("$source-0@4").why() == "the group's offset, 5, was set past it without a receipt"

    when:
    def receipts = partitionsOf("$name" + '.receipts')
    admin.deleteRecords(receipts.collectEntries { [it, RecordsToDelete.beforeOffset(-1)] }).all().get()

    then:
    with(id('id-0-2')) {
      fate() == UNKNOWN
      !isProcessed()
      why().startsWith('no receipt of it is left')
    }
  }

  def "a receipt is found though the record's time is of long before or of the future"() {
    given:
    def pipeline = handMade()
    long now = System.currentTimeMillis()
    produce([pipeline.record(0, 'ancient', 1_000L), pipeline.record(0, 'future', now + 3_000_000L)])
    pipeline.transaction(0, 0, 2)

    expect:
    position("$source-0@0").fate() == PROCESSED
    position("$source-0@1").fate() == PROCESSED
    position("$source-0@1").records()[0].steps()*.what().toSet() == [RECORD, OUTPUT, RECEIPT].toSet()
  }

  def "a record that is gone from its source is told of by its receipt"() {
    given:
    def pipeline = handMade()
    produce(pipeline.records(0, 4))
    pipeline.transaction(0, 0, 4)
    admin.deleteRecords([(partitionsOf(source)[0]): RecordsToDelete.beforeOffset(2)]).all().get()

    expect:
    with(position("$source-0@1")) {
      fate() == PROCESSED
      records()[0].eventId() == null
      records()[0].steps()*.what().toSet() == [OUTPUT, RECEIPT].toSet()
    }
  }

  def "a topic that was made anew has other records: receipts of the earlier one do not count"() {
    given:
    def pipeline = handMade()
    produce(pipeline.records(0, 4))
    pipeline.transaction(0, 0, 4)
    admin.deleteTopics([source]).all().get()
    await(BOUND) { assert !admin.listTopics().names().get().contains(source) }
    createTopic(source, 3)
    produce(pipeline.records(0, 4))

    expect:
    with(position("$source-0@1")) {
      fate() == NOT_YET
      why().startsWith('the group has no offset of it')
    }
  }

  /** A receipt with that span and decisions, and the offset that belongs to it. */
  void write(Receipt.Span span, List<Receipt.Decision> decisions) {
    def made = opened.find { it instanceof HandMadePipeline } as HandMadePipeline
    def producer = made.producer('w-0')
    producer.beginTransaction()
    def receipt = new Receipt('w-0', 'spec', System.currentTimeMillis(), [span], new TreeMap<>(), decisions, '')
    producer.send(new ProducerRecord(name + '.receipts', 'w-0'.bytes, Receipts.write(receipt)))
    producer.sendOffsetsToTransaction(
        [(new TopicPartition(source, span.partition())): new OffsetAndMetadata(span.to(), made.sourceId.toString())],
        new ConsumerGroupMetadata(name))
    producer.commitTransaction()
  }
}
