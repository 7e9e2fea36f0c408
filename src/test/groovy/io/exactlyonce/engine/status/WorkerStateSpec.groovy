package io.exactlyonce.engine.status

import spock.lang.Specification

import static io.exactlyonce.engine.status.WorkerState.*

class WorkerStateSpec extends Specification {

  /** Every state, and where a worker may go from it; what is not here it may not. */
  static final ALLOWED = [
      (STARTING)  : [RUNNING, RECOVERING, STOPPING, FAILED],
      (RUNNING)   : [RECOVERING, STOPPING, FAILED],
      (RECOVERING): [RUNNING, STOPPING, FAILED],
      (STOPPING)  : [STOPPED, FAILED],
      (STOPPED)   : [],
      (FAILED)    : [],
  ]

  def "the table has every state"() {
    expect:
    ALLOWED.keySet() == WorkerState.values() as Set
  }

  def "from #state to #next: #allowed"() {
    expect:
    state.mayBecome(next) == allowed

    where:
    [state, next] << [WorkerState.values(), WorkerState.values()].combinations()
    allowed = next in ALLOWED[state]
  }

  def "every state but the first can be reached, and only the ends are ends"() {
    expect:
    ALLOWED.values().flatten().toSet() == (WorkerState.values() as Set) - STARTING
    ALLOWED.findAll { it.value.empty }.keySet() == [STOPPED, FAILED] as Set
  }

  def "a worker that #state is alive: #alive"() {
    expect:
    state.alive == alive

    where:
    state << WorkerState.values()
    alive = state in [STARTING, RUNNING, RECOVERING]
  }
}
