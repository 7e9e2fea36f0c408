package io.exactlyonce.engine.transaction

import io.exactlyonce.engine.failure.Phase
import io.exactlyonce.engine.failure.Reaction
import io.exactlyonce.engine.failure.TransactionFailure
import io.exactlyonce.engine.status.AbortCause
import io.exactlyonce.guard.GuardLostException
import io.exactlyonce.guard.GuardRenewedException
import org.apache.kafka.clients.consumer.CommitFailedException
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException
import org.apache.kafka.common.InvalidRecordException
import org.apache.kafka.common.KafkaException
import org.apache.kafka.common.TopicPartition
import org.apache.kafka.common.errors.DisconnectException
import org.apache.kafka.common.errors.FencedInstanceIdException
import org.apache.kafka.common.errors.IllegalGenerationException
import org.apache.kafka.common.errors.InvalidPidMappingException
import org.apache.kafka.common.errors.InvalidProducerEpochException
import org.apache.kafka.common.errors.InvalidTxnStateException
import org.apache.kafka.common.errors.ProducerFencedException
import org.apache.kafka.common.errors.RebalanceInProgressException
import org.apache.kafka.common.errors.RecordBatchTooLargeException
import org.apache.kafka.common.errors.RecordTooLargeException
import org.apache.kafka.common.errors.StaleMemberEpochException
import org.apache.kafka.common.errors.TimeoutException
import org.apache.kafka.common.errors.TransactionAbortableException
import org.apache.kafka.common.errors.UnknownMemberIdException
import org.apache.kafka.common.errors.UnknownTopicIdException
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException
import spock.lang.Specification

/** By which cause the abort of a transaction is counted. */
class AbortCausesSpec extends Specification {
  static final TopicPartition PART = new TopicPartition('in', 0)

  static AbortCause cause(Throwable failure) {
    AbortCauses.of(new TransactionFailure(Phase.SEND, Reaction.ABORT_AND_REWIND, failure))
  }

  def "#failure.class.simpleName is counted as #expected"() {
    expect:
    cause(failure) == expected

    and: 'however often a client has wrapped it'
    cause(new KafkaException('cannot send', new RuntimeException(failure))) == expected

    where:
    failure                                                || expected
    new ProducerFencedException('newer')                   || AbortCause.FENCED
    new InvalidProducerEpochException('old')               || AbortCause.FENCED
    new InvalidPidMappingException('unknown')              || AbortCause.FENCED
    new InvalidTxnStateException('none open')              || AbortCause.FENCED
    new FencedInstanceIdException('another')               || AbortCause.FENCED
    new CommitFailedException('moved on')                  || AbortCause.REBALANCE
    new IllegalGenerationException('old')                  || AbortCause.REBALANCE
    new UnknownMemberIdException('gone')                   || AbortCause.REBALANCE
    new StaleMemberEpochException('old')                   || AbortCause.REBALANCE
    new RebalanceInProgressException('now')                || AbortCause.REBALANCE
    new RecordTooLargeException('a record')                || AbortCause.RECORD
    new RecordBatchTooLargeException('a batch')            || AbortCause.RECORD
    new InvalidRecordException('no key')                   || AbortCause.RECORD
    new UnknownTopicOrPartitionException('gone')           || AbortCause.TOPIC
    new UnknownTopicIdException('made anew')               || AbortCause.TOPIC
    new OffsetOutOfRangeException([(PART): 3L])            || AbortCause.TOPIC
    new GuardRenewedException()                            || AbortCause.GUARD
    new GuardLostException('gone')                         || AbortCause.GUARD
    new TimeoutException('no answer')                      || AbortCause.TIMEOUT
    new DisconnectException('cut off')                     || AbortCause.TIMEOUT
    new TransactionAbortableException('abort it')          || AbortCause.OTHER
    new IllegalStateException('a bug')                     || AbortCause.OTHER
  }

  def "partitions that are lost to others are a rebalance"() {
    expect:
    AbortCauses.of(TransactionFailure.lost([PART])) == AbortCause.REBALANCE
  }

  def "a time-out that comes from a fence is counted as the fence, as the table's order says"() {
    expect:
    cause(new TimeoutException('no answer', new ProducerFencedException('newer'))) == AbortCause.FENCED
    cause(new ProducerFencedException('newer').tap { initCause(new TimeoutException('no answer')) }) == AbortCause.FENCED
  }

  def "every cause has an exception that is counted as it"() {
    expect:
    (AbortCause.values() - AbortCause.OTHER).every { cause -> AbortCauses.RULES.any { it.cause() == cause } }
  }
}
