package io.exactlyonce.engine.status

import spock.lang.Specification

/** Durations by bucket, and what a rebalance leaves behind. */
class DurationsSpec extends Specification {

  static final long MILLI = 1_000_000

  def "a duration of #nanos ns is in bucket #bucket: a bound belongs to its bucket"() {
    given:
    def durations = new Durations([0.001d, 0.25d])

    when:
    durations.record(nanos)

    then:
    durations.snapshot().counts() == (0..2).collect { it == bucket ? 1L : 0L }
    durations.snapshot().sum() == Math.max(0, nanos) / 1e9d

    where:
    nanos             || bucket
    -5                || 0
    0                 || 0
    MILLI             || 0
    MILLI + 1         || 1
    250 * MILLI       || 1
    250 * MILLI + 1   || 2
    3_600_000 * MILLI || 2
  }

  def "what several have in common counts for each"() {
    given:
    def durations = new Durations([0.001d])

    when:
    durations.record(2 * MILLI, 3)

    then:
    durations.snapshot().counts() == [0, 3]
    durations.snapshot().count() == 3
    Math.abs(durations.snapshot().sum() - 0.006d) < 1e-9d
  }

  def "the thresholds of the lag's alerts are bounds of waits"() {
    expect:
    Durations.OF_WAITS.containsAll([60.0d, 300.0d])
    [Durations.OF_WAITS, Durations.OF_CALLS].every { it == it.toSorted() }
  }

  def "the time since the last rebalance is unknown before the first"() {
    given:
    def rebalances = new Rebalances()

    expect:
    Double.isNaN(rebalances.secondsSinceLast(7))

    when:
    def did = new Rebalances.Rebalance('a-0', 1000 * MILLI, 1000 * MILLI, 2, 1, 0)
    rebalances.postAssigned(did)

    then:
    rebalances.secondsSinceLast(3000 * MILLI) == 2d
    rebalances.durations.snapshot().sum() == 1d
    rebalances.recent() == [did]

    when: 'more come than are remembered'
    (1..30).each { rebalances.postAssigned(new Rebalances.Rebalance('a-0', it, 1, it, 0, 0)) }

    then:
    rebalances.recent()*.assigned() == (11..30).toList()
  }
}
