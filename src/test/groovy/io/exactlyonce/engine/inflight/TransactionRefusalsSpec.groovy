package io.exactlyonce.engine.inflight

import io.exactlyonce.engine.Records
import io.exactlyonce.engine.topic.TopicLimits
import org.apache.kafka.clients.producer.ProducerRecord
import org.apache.kafka.common.InvalidRecordException
import org.apache.kafka.common.TopicPartition
import org.apache.kafka.common.errors.InvalidTimestampException
import org.apache.kafka.common.errors.RecordTooLargeException
import org.apache.kafka.common.errors.TimeoutException
import spock.lang.Specification

class TransactionRefusalsSpec extends Specification {

  static final TopicPartition PARTITION = new TopicPartition('in', 3)

  def refusedRecords = new RefusedRecords(new TopicLimits(10_000))
  def refusals = new TransactionRefusals()

  /** A record whose output comes back with this. */
  void refused(long offset, Exception why) {
    refused(new RecordResult(RecordResult.Kind.PROCESSED, [], PARTITION, offset), why)
  }

  void refused(RecordResult handled, Exception why) {
    handled.postJoin(refusals)
    handled.onCompletion(null, why)
  }

  RecordResult letter(int bytes) {
    new RecordResult(RecordResult.Kind.DEAD_LETTER, [new ProducerRecord<byte[], byte[]>('dlq', null, new byte[bytes])], PARTITION, 1)
  }

  List<Long> guilty() {
    (0L..9L).findAll { refusedRecords.reason(Records.record(it, 'k', 'v')) != null }
  }

  def "whoever comes back first is to blame: others may come back for the same reason, or for the reason of another"() {
    given:
    def first = new RecordTooLargeException()
    def second = new InvalidRecordException('no key')
    [3, 4, 5].each { refused(it, first) }
    [6, 7].each { refused(it, second) }

    expect:
    refusals.judge(refusedRecords)
    guilty() == [3L]
  }

  def "where the receipt is refused before anything else, nobody is to blame, and the next attempt is no other"() {
    given:
    refusals.postReceipt(null, new RecordTooLargeException())
    refused(4, new RecordTooLargeException())

    expect:
    !refusals.judge(refusedRecords)
    guilty() == []
  }

  def "a receipt that comes back behind a culprit does not help it"() {
    given:
    refused(4, new RecordTooLargeException())
    refusals.postReceipt(null, new RecordTooLargeException())

    expect:
    refusals.judge(refusedRecords)
    guilty() == [4L]
  }

  def "what comes back once it was judged, or for a reason that is not the record's, is nobody's fault"() {
    when:
    refused(1, new TimeoutException())
    refused(2, null)
    refusals.postReceipt(null, new TimeoutException())

    then:
    !refusals.judge(refusedRecords)

    when:
    refused(3, new RecordTooLargeException())

    then:
    !refusals.judge(refusedRecords)
    guilty() == []
  }

  def "a letter that was too large is cut while it can be; one that is refused for what it is stays as it is (#bytes bytes, #why.class.simpleName)"() {
    given:
    refused(letter(bytes), why)

    expect:
    refusals.judge(refusedRecords) == another
    refusedRecords.letterBytes() == left

    where:
    bytes  | why                              || another | left
    10_000 | new RecordTooLargeException()    || true    | 5_100
    7_000  | new RecordTooLargeException()    || true    | 4_096
    10_000 | new InvalidRecordException('')   || false   | 10_000
    10_000 | new InvalidTimestampException('') || false  | 10_000
  }

  def "a letter that cannot be made shorter makes the next attempt the same"() {
    given:
    refusedRecords.refusedLetter(1)
    refused(letter(500), new RecordTooLargeException())

    expect:
    !refusals.judge(refusedRecords)
    refusedRecords.letterBytes() == TopicLimits.MIN_LETTER
  }
}
