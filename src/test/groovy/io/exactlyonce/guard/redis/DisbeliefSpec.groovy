package io.exactlyonce.guard.redis

import io.exactlyonce.guard.GuardLostException
import spock.lang.Specification

import java.time.Duration

/** Two instances on two Redis servers must not take turns in fencing each other. */
class DisbeliefSpec extends Specification {

  long now = 1_000_000_000_000
  Disbelief disbelief = new Disbelief('payments', 'redis-1:6379', Duration.ofSeconds(10), Duration.ofMinutes(10), { now })

  def "a generation that the log does not know is refused until its wait has passed, with what to do"() {
    when:
    disbelief.meet('1-a', '2-b')

    then:
    def refused = thrown(GuardLostException)
    refused.message.contains('Redis at redis-1:6379 holds claims of generation 1-a, but the newest in the log is 2-b')
    refused.message.contains('run rebuild-guard')
    disbelief.text() == refused.message
    !disbelief.isOver('1-a')

    when:
    pass(10)
    disbelief.meet('1-a', '2-b')

    then:
    noExceptionThrown()
    disbelief.isOver('1-a')
    !disbelief.isOver('3-c')

    when:
    disbelief.end()

    then:
    disbelief.text() == ''
    !disbelief.isOver('1-a')
  }

  def "the wait doubles with each rebuild, to ten minutes, and is short again once there was none for long"() {
    expect:
    (0..<8).collect { waited("$it-x") } == [10, 20, 40, 80, 160, 320, 600, 600]

    when:
    pass(1201)

    then:
    waited('9-x') == 10
  }

  def "another Redis that the log knows ends it, and the next time is waited for anew, but no longer"() {
    given:
    refuse('1-a')
    pass(9)
    disbelief.end()

    expect:
    waited('1-a') == 10
  }

  /** Seconds until the generation is rebuilt, by asking each second. */
  private int waited(String generation) {
    int seconds = 0
    while (refuse(generation)) {
      pass(1)
      seconds++
    }
    disbelief.end()
    seconds
  }

  private boolean refuse(String generation) {
    try {
      disbelief.meet(generation, 'another')
      false
    } catch (GuardLostException refused) {
      true
    }
  }

  private void pass(int seconds) {
    now += seconds * 1_000_000_000L
  }
}
