package io.exactlyonce.scaling

import io.exactlyonce.scaling.ScalingDecision.What
import io.exactlyonce.scaling.ScalingReading.Load

import java.time.Duration

/** Concurrency comes before workers: what the scaler does where it may be raised to 8. */
class ConcurrencyScalerSpec extends ScalerChecks {

  def setup() {
    scaler = new Scaler(new ScalingLimits(1, 8, 1, 8), ScalingPeriods.DEFAULT)
  }

  List<String> whats() {
    decisions.collect { "${it.what().text()} ${it.direction()} ${it.from()}-${it.to()}".toString() }
  }

  def "it doubles at each check that finds the last step worth it, and then workers follow"() {
    when:
    checks(2, growth: 50, rate: 100)
    checks(1, growth: 50, rate: 200)
    checks(1, growth: 50, rate: 400)
    checks(5, growth: 50, rate: 800)

    then:
    whats() == ['concurrency UP 1-2', 'concurrency UP 2-4', 'concurrency UP 4-8', 'workers UP 1-3']
    decisions.first().text() == 'scaling up from 1 to 2 handler calls at once: the lag is critical and grows by 50 records/s'
  }

  def "a step that brings #rate after 100 is #what"() {
    given:
    checks(2, growth: 50, rate: 100)

    expect:
    checks(4, growth: 50, rate: rate).take(1) == what

    where:
    rate | what
    109  | ['BACK 2-1']
    111  | ['UP 2-4']
  }

  def "one that was taken back is not tried again for half an hour; workers are"() {
    given:
    checks(2, growth: 50, rate: 100)

    expect: 'judged after two minutes, and the cool-down after it'
    checks(3, growth: 50, rate: 100) == []
    checks(1, growth: 50, rate: 100) == ['BACK 2-1']
    decisions.last().what() == What.CONCURRENCY
    checks(3, growth: 50, rate: 100) == []
    checks(1, growth: 50, rate: 100) == ['UP 1-3']
    decisions.last().what() == What.WORKERS

    and: 'which are taken back too'
    checks(4, growth: 50, rate: 100) == ['BACK 3-1']
    checks(50, growth: 50, rate: 100) == ['HELD 1-1']
    checks(2, growth: 50, rate: 100) == ['UP 1-2']
    decisions.last().what() == What.CONCURRENCY
  }

  def "a critical lag of #records that shrinks by 100/s #does"() {
    expect:
    checks(10, growth: -100, records: records, rate: 100).take(1) == does

    where:
    records | does
    60_000  | []
    60_001  | ['UP 1-2']
  }

  def "workers are added for a lag that grows, and not for one that is slow to go"() {
    given:
    concurrency = 8

    expect:
    checks(20, growth: -1, records: 200_000, rate: 100) == []
  }

  def "it needs no right to decide about workers, since it moves no partition"() {
    given:
    decides = false

    expect:
    checks(2, growth: 50, rate: 100) == ['UP 1-2']
  }

  def "the way back is workers first, and ends at what is configured"() {
    given:
    scaler = new Scaler(new ScalingLimits(1, 8, 3, 8), ScalingPeriods.DEFAULT)
    workers = 2
    concurrency = 8

    expect:
    checks(21, load: Load.CALM) == ['DOWN 2-1']
    checks(20, load: Load.CALM) == ['DOWN 8-4']
    checks(20, load: Load.CALM) == ['DOWN 4-3']
    checks(100, load: Load.CALM) == []
  }

  def "a concurrency that a person sets is left alone for the cool-down"() {
    given:
    checks(2, growth: 50, rate: 100)
    concurrency = 3

    expect:
    checks(4, growth: 50, rate: 100) == []
    checks(1, growth: 50, rate: 100) == ['UP 3-6']
  }

  def "a lag that is explained raises no concurrency either"() {
    expect:
    checks(60, growth: 50, rate: 100, explained: 'claim calls fail') == ['HELD 1-1']
    concurrency == 1
  }

  def "a rate is that since the step, and not of what was before it"() {
    given: 'checks so close that a rate over a minute would still be the old one'
    def at = now
    def check = { int seconds, int rate ->
      at += Duration.ofSeconds(seconds)
      done += seconds * rate
      scaler.check(new ScalingReading(at, workers, concurrency, partitions, true, Load.CRITICAL, 0, 50, done, '')).map { apply(it); it.to() }.orElse(0)
    }

    expect:
    (0..<3).collect { check(5, 100) } == [0, 0, 2]
    (0..<2).collect { check(5, 200) } == [0, 4]
    (0..<2).collect { check(5, 400) } == [0, 8]
  }
}
