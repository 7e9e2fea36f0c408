package io.exactlyonce.engine.worker

import io.exactlyonce.engine.failure.Phase
import io.exactlyonce.engine.failure.Reaction
import io.exactlyonce.engine.failure.TransactionFailure
import spock.lang.Specification

/** What a recovery tells of itself when it ends. */
class RecoverySpec extends Specification {

  static TransactionFailure failure(Reaction reaction, String why) {
    new TransactionFailure(Phase.COMMIT, reaction, new IllegalStateException(why))
  }

  def "it began with its first failure, whatever failed while it went on, and has made so many attempts"() {
    given:
    def recovery = new Recovery()
    long from = System.nanoTime()

    when:
    recovery.begin(failure(Reaction.ABORT_AND_REWIND, 'first'))
    long to = System.nanoTime()
    recovery.begin(failure(Reaction.REBUILD_PRODUCERS, 'in a poll meanwhile'))
    2.times { recovery.postpone(failure(Reaction.REBUILD_PRODUCERS, "attempt $it"), System.nanoTime()) }
    def ended = recovery.end()

    then:
    ended.after().startsWith('ABORT_AND_REWIND after COMMIT: ') && ended.after().endsWith('first')
    ended.attempts() == 3
    ended.begun() - from >= 0 && to - ended.begun() >= 0
    !recovery.underWay

    when: 'the next one'
    recovery.begin(failure(Reaction.REBUILD_PRODUCERS, 'second'))

    then:
    with(recovery.end()) { it.attempts() == 1 && it.after().endsWith('second') }
  }
}
