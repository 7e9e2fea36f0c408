package io.exactlyonce.engine.failure

import org.apache.kafka.clients.consumer.CommitFailedException
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException
import org.apache.kafka.common.InvalidRecordException
import org.apache.kafka.common.KafkaException
import org.apache.kafka.common.config.ConfigException
import org.apache.kafka.common.errors.*
import spock.lang.Shared
import spock.lang.Specification

import static io.exactlyonce.engine.failure.Phase.*
import static io.exactlyonce.engine.failure.Reaction.*

class FailureClassifierSpec extends Specification {

  /** What is thrown to its reactions at INIT, SEND, OFFSETS, COMMIT, ABORT and POLL, in this order. */
  @Shared
  Map<Throwable, List<Reaction>> table = [
      (new TopicAuthorizationException('t'))                        : [STOP] * 6,
      (new GroupAuthorizationException('g'))                        : [STOP] * 6,
      (new TransactionalIdAuthorizationException('x'))              : [STOP] * 6,
      (new ClusterAuthorizationException('c'))                      : [STOP] * 6,
      (new SaslAuthenticationException('s'))                        : [STOP] * 6,
      (new UnsupportedVersionException('u'))                        : [STOP] * 6,
      (new InvalidRecordException('i'))                             : Phase.values().collect { it in [Phase.SEND, Phase.OFFSETS, Phase.COMMIT] ? ABORT_AND_REWIND : STOP },
      (new InvalidConfigurationException('i'))                      : [STOP] * 6,
      (new InvalidTxnTimeoutException('i'))                         : [STOP] * 6,
      (new ConfigException('c'))                                    : [STOP] * 6,
      (new FencedInstanceIdException('f'))                          : [RESTART_WORKER] * 6,
      (new ProducerFencedException('f'))                            : [REBUILD_PRODUCERS] * 5 + RESTART_WORKER,
      (new InvalidProducerEpochException('f'))                      : [REBUILD_PRODUCERS] * 5 + RESTART_WORKER,
      (new InvalidPidMappingException('f'))                         : [REBUILD_PRODUCERS] * 5 + RESTART_WORKER,
      (new InvalidTxnStateException('f'))                           : [REBUILD_PRODUCERS] * 5 + RESTART_WORKER,
      (new OutOfOrderSequenceException('f'))                        : [REBUILD_PRODUCERS] * 5 + RESTART_WORKER,
      (new UnknownProducerIdException('f'))                         : [REBUILD_PRODUCERS] * 5 + RESTART_WORKER,
      (new IllegalGenerationException('f'))                         : [REBUILD_PRODUCERS] * 5 + RESTART_WORKER,
      (new UnknownMemberIdException('f'))                           : [REBUILD_PRODUCERS] * 5 + ABORT_AND_REWIND,
      (new TransactionAbortableException('a'))                      :
          [REBUILD_PRODUCERS, ABORT_AND_REWIND, ABORT_AND_REWIND, ABORT_AND_REWIND, REBUILD_PRODUCERS, RESTART_WORKER],
      (new CommitFailedException('a'))                              :
          [REBUILD_PRODUCERS, ABORT_AND_REWIND, ABORT_AND_RESEND, ABORT_AND_REWIND, REBUILD_PRODUCERS, RESTART_WORKER],
      (new TimeoutException('t'))                                   :
          [REBUILD_PRODUCERS, ABORT_AND_REWIND, ABORT_AND_REWIND, RETRY_COMMIT, REBUILD_PRODUCERS, ABORT_AND_REWIND],
      (new NotLeaderOrFollowerException('t'))                       :
          [REBUILD_PRODUCERS, ABORT_AND_REWIND, ABORT_AND_REWIND, ABORT_AND_REWIND, REBUILD_PRODUCERS, ABORT_AND_REWIND],
      (new NetworkException('no name resolves'))                    :
          [REBUILD_PRODUCERS, ABORT_AND_REWIND, ABORT_AND_REWIND, ABORT_AND_REWIND, REBUILD_PRODUCERS, ABORT_AND_REWIND],
      (new DisconnectException('t'))                                :
          [REBUILD_PRODUCERS, ABORT_AND_REWIND, ABORT_AND_REWIND, ABORT_AND_REWIND, REBUILD_PRODUCERS, ABORT_AND_REWIND],
      (new RecordTooLargeException('r'))                            :
          [REBUILD_PRODUCERS, ABORT_AND_REWIND, ABORT_AND_REWIND, ABORT_AND_REWIND, REBUILD_PRODUCERS, RESTART_WORKER],
      (new InterruptException('i'))                                 : [REBUILD_PRODUCERS] * 5 + RESTART_WORKER,
      (new OffsetOutOfRangeException([:]))                          : [REBUILD_PRODUCERS] * 5 + ABORT_AND_REWIND,
      (new KafkaException('error state'))                           : [REBUILD_PRODUCERS] * 5 + RESTART_WORKER,
      (new IllegalStateException('i'))                              : [REBUILD_PRODUCERS] * 5 + RESTART_WORKER,
      (new ApplicationRecoverableException('of a later Kafka') {})      : [REBUILD_PRODUCERS] * 5 + RESTART_WORKER,
      (new StaleMemberEpochException('s'))                          :
          [REBUILD_PRODUCERS, ABORT_AND_REWIND, ABORT_AND_REWIND, ABORT_AND_REWIND, REBUILD_PRODUCERS, ABORT_AND_REWIND],
      (new RebalanceInProgressException('r'))                       :
          [REBUILD_PRODUCERS, ABORT_AND_REWIND, ABORT_AND_REWIND, ABORT_AND_REWIND, REBUILD_PRODUCERS, ABORT_AND_REWIND],
      (new OutOfMemoryError('o'))                                   : [RESTART_WORKER] * 6,
  ]

  def setupSpec() {
    // An InterruptException interrupts the thread that makes it.
    Thread.interrupted()
  }

  def "the table's columns are all the phases"() {
    expect:
    [INIT, SEND, OFFSETS, COMMIT, ABORT, POLL] == Phase.values() as List
  }

  def "#thrown.class.simpleName in #phase: #reaction"() {
    expect:
    FailureClassifier.reaction(phase, thrown) == reaction
    TransactionFailure.of(phase, thrown).reaction() == reaction

    where:
    [thrown, phase] << [table.keySet() as List, Phase.values() as List].combinations()
    reaction = table[thrown][phase.ordinal()]
  }

  def "wrapped by the client, #thrown.class.simpleName in #phase means the same: #reaction"() {
    expect:
    FailureClassifier.reaction(phase, new KafkaException('in an error state', thrown)) == reaction
    FailureClassifier.reaction(phase, new KafkaException('a', new KafkaException('b', new RuntimeException(thrown)))) == reaction

    where:
    [thrown, phase] << [table.keySet().findAll { it.class.simpleName != 'OutOfMemoryError' } as List, Phase.values() as List].combinations()
        .findAll { exception, phase -> !(phase == Phase.COMMIT && table[exception][phase.ordinal()] == RETRY_COMMIT) }
    reaction = table[thrown][phase.ordinal()]
  }

  def "a time-out that the client wraps at a commit is one that it gave up for earlier: repeating would spin"() {
    expect:
    FailureClassifier.reaction(Phase.COMMIT, new TimeoutException('now')) == RETRY_COMMIT
    FailureClassifier.reaction(Phase.COMMIT, new KafkaException('in an error state', new TimeoutException('then'))) == ABORT_AND_REWIND
  }

  def "every rule has an exception in this table"() {
    expect:
    FailureClassifier.RULES.findAll { rule -> !table.keySet().any { rule.exception().isInstance(it) } }*.exception() == []
  }

  def "a cause that is its own cause does not hang"() {
    given:
    def one = new KafkaException('one')
    def two = new KafkaException('two', one)
    one.initCause(two)

    expect:
    FailureClassifier.reaction(SEND, one) == REBUILD_PRODUCERS
  }

  def "the failure's message names phase and cause"() {
    given:
    def failure = TransactionFailure.of(COMMIT, new TimeoutException('no answer'))

    expect:
    failure.message == 'COMMIT: org.apache.kafka.common.errors.TimeoutException: no answer'
    failure.phase() == COMMIT
    failure.cause instanceof TimeoutException
  }
}
