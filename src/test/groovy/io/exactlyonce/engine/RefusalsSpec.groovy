package io.exactlyonce.engine

import org.apache.kafka.common.InvalidRecordException
import org.apache.kafka.common.KafkaException
import org.apache.kafka.common.TopicPartition
import org.apache.kafka.common.errors.RecordTooLargeException
import org.apache.kafka.common.errors.TimeoutException
import spock.lang.Specification

class RefusalsSpec extends Specification {

  static final TopicPartition PARTITION = new TopicPartition('in', 3)

  def condemned = new Condemned(new TopicLimits(10_000))
  def refusals = new Refusals()

  /** A record whose output comes back with this. */
  void refused(long offset, Exception why) {
    def handled = new Handled(Handled.Kind.PROCESSED, [], PARTITION, offset)
    handled.postJoin(refusals)
    handled.onCompletion(null, why)
  }

  List<Long> guilty() {
    (0L..9L).findAll { condemned.reason(Records.record(it, 'k', 'v')) != null }
  }

  def failure(Throwable cause) {
    new TransactionFailure(Phase.SEND, Reaction.ABORT_AND_REWIND, new KafkaException('in an error state', cause))
  }

  def "the first is to blame, and not those that come back with the very reason for which the transaction failed"() {
    given:
    def tooLarge = new RecordTooLargeException()
    [3, 4, 5].each { refused(it, tooLarge) }

    expect:
    refusals.judge(failure(tooLarge), condemned)
    guilty() == [3L]
  }

  def "whom the broker names has a reason of his own; the transaction's is that of the others"() {
    given:
    def whole = new InvalidRecordException('one or more')
    refused(2, new InvalidRecordException('no key'))
    refused(5, new InvalidRecordException('no key'))
    refused(6, whole)

    expect:
    refusals.judge(failure(whole), condemned)
    guilty() == [2L, 5L]
  }

  def "where the transaction failed by something else, nobody but the first is known to be to blame (#cause)"() {
    given:
    refused(2, new InvalidRecordException('no key'))
    refused(6, new InvalidRecordException('one or more'))

    expect:
    refusals.judge(cause == null ? null : failure(cause), condemned)
    guilty() == [2L]

    where:
    cause << [null, new TimeoutException()]
  }

  def "what comes back once it was judged, or for a reason that is not the record's, is nobody's fault"() {
    when:
    refused(1, new TimeoutException())
    refused(2, null)

    then:
    !refusals.judge(null, condemned)

    when:
    refused(3, new RecordTooLargeException())

    then:
    !refusals.judge(null, condemned)
    guilty() == []
  }
}
