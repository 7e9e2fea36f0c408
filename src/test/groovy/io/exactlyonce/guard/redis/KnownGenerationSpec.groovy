package io.exactlyonce.guard.redis

import io.exactlyonce.guard.ClaimsState
import spock.lang.Specification

import static io.exactlyonce.guard.ClaimsState.Standing.AWAY
import static io.exactlyonce.guard.ClaimsState.Standing.KNOWN
import static io.exactlyonce.guard.ClaimsState.Standing.REBUILDING

class KnownGenerationSpec extends Specification {

  long now = 5
  def known = new KnownGeneration({ now })

  def "it says which generation is believed, and since when"() {
    expect:
    known.get() == null
    known.state() == new ClaimsState(AWAY, '', 5)

    when:
    now = 7
    known.set('1-a')
    now = 9
    known.set('1-a')

    then:
    known.get() == '1-a'
    known.state() == new ClaimsState(KNOWN, '1-a', 7)

    when:
    now = 11
    known.forget()

    then:
    known.get() == null
    known.state() == new ClaimsState(AWAY, '', 11)
  }

  def "a rebuild is seen while it runs, and ends however it ends"() {
    given:
    ClaimsState meanwhile = null
    known.set('1-a')

    when:
    now = 7
    known.whileRebuilding { meanwhile = known.state(); known.set('2-b'); 3L }

    then:
    meanwhile == new ClaimsState(REBUILDING, '1-a', 7)
    known.state() == new ClaimsState(KNOWN, '2-b', 7)

    when:
    known.forget()
    known.whileRebuilding { throw new IllegalStateException('Redis was lost again') }

    then:
    thrown IllegalStateException
    known.state().standing() == AWAY
  }
}
