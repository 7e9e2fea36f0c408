package io.exactlyonce.torture.checker

import spock.lang.Specification

import static io.exactlyonce.torture.checker.Finding.Kind.*
import static io.exactlyonce.torture.checker.Sent.Kind.ABORTED
import static io.exactlyonce.torture.checker.Sent.Kind.DEAD_LETTER
import static io.exactlyonce.torture.checker.Sent.Kind.PROCESSED

/** Whatever a torture run must not show is found, and what it may show is not. */
class CheckerSpec extends Specification {

  List<Sent> sent = []
  List<Seen> left = []
  List<Seen> right = []
  List<Seen> letters = []

  static Sent sent(Map more = [:], String id, long offset) {
    new Sent(id, more.key ?: 'k', more.amount ?: 5, more.kind ?: PROCESSED, 'in', more.partition ?: 0, offset)
  }

  static Seen seen(Map more = [:], String id, long offset) {
    new Seen(id, more.key ?: 'k', more.amount ?: 5, 'in', more.partition ?: 0, offset, new Seen.Place(0, more.at ?: offset))
  }

  void both(Seen one) {
    left << one
    right << one
  }

  List<Finding.Kind> kinds() {
    new Checker(sent, left, right, letters).check()*.kind().unique().sort()
  }

  def "each event once in both sinks, a dead letter once, an aborted one nowhere: nothing is found"() {
    given:
    sent.addAll([sent('a', 0), sent('b', 1), sent('p', 2, kind: DEAD_LETTER), sent('x', -1, kind: ABORTED)])
    both(seen('a', 0))
    both(seen('b', 1))
    letters << seen('p', 2)

    expect:
    kinds() == []
  }

  def "a copy may be the one that is processed, and what was not acknowledged may be there or not"() {
    given:
    sent.addAll([sent('a', 0), sent('a', 7, partition: 2), sent('u', -1), sent('v', -1)])
    both(seen('a', 7, partition: 2))
    both(seen('v', 3))

    expect:
    kinds() == []
  }

  def "an acknowledged event without an output is lost, and so is a dead letter that is none"() {
    given:
    sent.addAll([sent('a', 0), sent('p', 1, kind: DEAD_LETTER)])

    expect:
    new Checker(sent, left, right, letters).check()*.kind() == [LOST, LOST]
  }

  def "an event that is twice in #where is duplicated"() {
    given:
    sent << sent('a', 0)
    both(seen('a', 0))
    this."$where" << seen('a', 0, at: 9)

    expect:
    DUPLICATED in kinds()

    where:
    where << ['left', 'right']
  }

  def "a dead letter that is there twice is duplicated"() {
    given:
    sent << sent('p', 0, kind: DEAD_LETTER)
    letters.addAll([seen('p', 0), seen('p', 0, at: 9)])

    expect:
    kinds() == [DUPLICATED]
  }

  def "an output in one sink and not in the other is torn: #alone"() {
    given:
    sent << sent('a', 0)
    this."$alone" << seen('a', 0)

    expect:
    TORN in kinds()

    where:
    alone << ['left', 'right']
  }

  def "outputs of a key behind those of later records of its partition are disorder, in either sink"() {
    given:
    sent.addAll([sent('a', 0), sent('b', 1)])
    left.addAll([seen('a', 0), seen('b', 1)])
    right.addAll([seen('b', 1, at: 0), seen('a', 0, at: 1)])

    expect:
    kinds() == [DISORDERED]
  }

  def "other keys and other partitions have an order of their own"() {
    given:
    sent.addAll([sent('a', 5), sent('b', 1, key: 'other'), sent('c', 2, partition: 1)])
    both(seen('a', 5, at: 0))
    both(seen('b', 1, key: 'other', at: 1))
    both(seen('c', 2, partition: 1, at: 2))

    expect:
    kinds() == []
  }

  def "an output of an aborted record is found, as an output and as a dead letter"() {
    given:
    sent.addAll([sent('x', -1, kind: ABORTED), sent('y', -1, kind: ABORTED)])
    both(seen('x', 0))
    letters << seen('y', 1)

    expect:
    new Checker(sent, left, right, letters).check()*.kind().findAll { it == UNCOMMITTED }.size() == 2
  }

  def "an output that comes from nothing that was sent is made up: #what"() {
    given:
    sent << sent('a', 0)
    both(one)

    expect:
    MADE_UP in kinds()

    where:
    what                    | one
    'an id of no event'     | seen('z', 0)
    'a position of another' | seen('a', 1)
    'a key of another'      | seen('a', 0, key: 'other')
    'another amount'        | seen('a', 0, amount: 6)
  }

  def "a balance that does not add up is found"() {
    given:
    sent << sent('a', 0)
    both(seen('a', 0, amount: 6))

    expect:
    UNBALANCED in kinds()
  }

  def "a dead letter in the place of an output, and an output in the place of a dead letter"() {
    given:
    sent.addAll([sent('a', 0), sent('p', 1, kind: DEAD_LETTER), sent('b', 2)])
    letters.addAll([seen('a', 0), seen('p', 1), seen('b', 2)])
    both(seen('p', 1))
    both(seen('b', 2))

    expect:
    kinds() == [MISPLACED]
    new Checker(sent, left, right, letters).check().size() == 3
  }
}
