package io.exactlyonce.alert

import io.exactlyonce.alert.AlertState.Found
import spock.lang.Specification

import static io.exactlyonce.alert.AlertState.*
import static io.exactlyonce.alert.AlertState.Found.*

/** The states that an alert goes through from check to check. */
class AlertStateSpec extends Specification {

  def "#from goes to #over where it is found, to #between in between, to #gone where it is gone"() {
    expect:
    Found.values().collectEntries { [it, from.next(it)] } == [(OVER): over, (BETWEEN): between, (GONE): gone]

    where:
    from      || over      | between | gone
    QUIET     || SUSPECTED | QUIET   | QUIET
    SUSPECTED || RAISED    | QUIET   | QUIET
    RAISED    || RAISED    | RAISED  | EASING
    EASING    || RAISED    | RAISED  | EASED
    EASED     || RAISED    | RAISED  | QUIET
  }

  def "what was raised is raised until it is gone for good"() {
    expect:
    AlertState.values().findAll { it.raised } == [RAISED, EASING, EASED]
  }

  def "a value is gone at seven tenths of its threshold, and one without a threshold at nothing"() {
    expect:
    [71, 70, 101, 100].collect { Condition.found(it, 100) } == [BETWEEN, GONE, OVER, BETWEEN]
    [0, 1].collect { Condition.found(it, 0) } == [GONE, OVER]
    Condition.worse(GONE, BETWEEN) == BETWEEN
    Condition.worse(BETWEEN, OVER) == OVER
  }
}
