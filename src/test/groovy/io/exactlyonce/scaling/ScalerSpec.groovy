package io.exactlyonce.scaling

import io.exactlyonce.scaling.ScalingReading.Load

import java.time.Duration

/** The decision about workers alone. */
class ScalerSpec extends ScalerChecks {

  def setup() {
    scaler = new Scaler(new ScalingLimits(1, 8, 1, 1), ScalingPeriods.DEFAULT)
  }

  def "critical and growing at two checks in a row: two more workers"() {
    expect:
    checks(2, load: Load.NORMAL, rate: 100) == []
    checks(1, growth: 50, rate: 100) == []
    checks(1, growth: 50, rate: 100) == ['UP 1-3']
    decisions.last().text() == 'scaling up from 1 to 3 workers: the lag is critical and grows by 50 records/s'
  }

  def "#load that grows by #growth scales nothing"() {
    expect:
    checks(60, load: load, growth: growth, rate: 100) == []

    where:
    load            | growth
    Load.CRITICAL   | -1
    Load.CRITICAL   | 0
    Load.BEHIND     | 50
    Load.NORMAL     | 50
    Load.UNMEASURED | 50
  }

  def "after a step that helps the next comes two minutes later and stops at max-workers"() {
    given:
    checks(3, growth: 50, rate: 100)
    workers == 3

    expect:
    checks(3, growth: 50, rate: 300) == []
    checks(1, growth: 50, rate: 300) == ['UP 3-5']
    checks(4, growth: 50, rate: 500) == ['UP 5-7']
    checks(4, growth: 50, rate: 700) == ['UP 7-8']
    checks(20, growth: 50, rate: 900) == ['HELD 8-8']
    decisions.last().reason().contains('scaling.max-workers is 8')
  }

  def "never above the partitions that are there for this instance"() {
    given:
    partitions = 2

    expect:
    checks(3, growth: 50, rate: 100) == ['UP 1-2']
    checks(10, growth: 50, rate: 200) == ['HELD 2-2']
    decisions.last().reason().contains('this instance has partitions for 2')
  }

  def "a step that brings #rate after 100 is #what"() {
    given:
    checks(3, growth: 50, rate: 100)

    expect:
    checks(4, growth: 50, rate: rate)*.tokenize(' ')*.first() == what

    where:
    rate | what
    100  | ['BACK']
    109  | ['BACK']
    111  | ['UP']
  }

  def "a step that was taken back is not tried again for half an hour and the log says why"() {
    given:
    checks(3, growth: 50, rate: 100)

    expect:
    checks(4, growth: 50, rate: 100) == ['BACK 3-1']
    decisions.last().reason() == '100 records/s before the step and 100 after it, which is less than 10 % more; not tried again for 1800 s'
    checks(59, growth: 50, rate: 100) == ['HELD 1-1']
    checks(1, growth: 50, rate: 100) == ['UP 1-3']
  }

  def "a step is kept where the lag has gone since: the load is then the limit"() {
    given:
    checks(3, growth: 50, rate: 100)

    expect:
    checks(10, load: Load.CALM, growth: -1, rate: 100) == []
    workers == 3
  }

  def "a lag that is explained never scales and is said once: #why"() {
    expect:
    checks(60, growth: 50, rate: 100, explained: why) == ['HELD 1-1']
    decisions.last().reason() == why

    where:
    why << ['claim calls fail', 'a partition waits for a decision at in-0@3', 'rate-limit is 100 records/s', 'handler calls fail and are tried again']
  }

  def "a step is not judged while something else explains the lag"() {
    given:
    checks(3, growth: 50, rate: 100)

    expect:
    checks(20, growth: 50, rate: 0, explained: 'the pipeline is not ready') == []
    checks(3, growth: 50, rate: 100) == []
    checks(1, growth: 50, rate: 100) == ['BACK 3-1']
  }

  def "a rate while something else explained the lag is nothing that a step is compared with"() {
    given: 'a slow minute while the guard is away, and then the full rate'
    checks(4, growth: 50, rate: 10, explained: 'claim calls fail')
    checks(2, growth: 50, rate: 100)

    expect:
    workers == 3
    checks(4, growth: 50, rate: 100) == ['BACK 3-1']
  }

  def "down by one after each ten minutes of calm and never below min-workers"() {
    given:
    workers = 3

    expect:
    checks(20, load: Load.CALM) == []
    checks(1, load: Load.CALM) == ['DOWN 3-2']
    checks(19, load: Load.CALM) == []
    checks(1, load: Load.CALM) == ['DOWN 2-1']
    checks(100, load: Load.CALM) == []
  }

  def "a calm that is broken by #load begins anew"() {
    given:
    workers = 3

    expect:
    checks(20, load: Load.CALM) == []
    checks(1, load: load) == []
    checks(20, load: Load.CALM) == []
    checks(1, load: Load.CALM) == ['DOWN 3-2']

    where:
    load << [Load.NORMAL, Load.UNMEASURED]
  }

  def "a number that a person sets is left alone for the cool-down"() {
    given:
    checks(3, growth: 50, rate: 100)
    workers = 2

    expect: 'the step is no longer judged'
    checks(4, growth: 50, rate: 100) == []
    checks(1, growth: 50, rate: 100) == ['UP 2-4']
  }

  def "another instance that has partition 0 of the first source: this one adds no workers"() {
    given:
    decides = false

    expect: 'that is said once'
    checks(20, growth: 50, rate: 100) == ['HELD 1-1']
    decisions.last().reason() == 'the instance that has partition 0 of the first source decides about workers'

    when: 'it comes here'
    decides = true

    then: 'whoever had it may just have added some, so the cool-down passes first'
    checks(4, growth: 50, rate: 100) == []
    checks(1, growth: 50, rate: 100) == ['UP 1-3']

    when: 'it goes before the step is judged'
    decides = false

    then: 'what this instance has added it takes back itself'
    checks(4, growth: 50, rate: 100) == ['BACK 3-1']
  }

  def "a load of plus or minus a fifth around what #begin workers do does not flap: period #period min"() {
    given:
    workers = begin
    def lag = backlog as double
    def changes = 0
    def before = lag

    when:
    60.times { check ->
      now += Duration.ofSeconds(30)
      def arriving = 1000 * begin * (1 + 0.2 * Math.sin(2 * Math.PI * check / (2 * period)))
      def finished = Math.min(lag + 30 * arriving, 30 * 1000 * workers as double)
      lag = lag + 30 * arriving - finished
      done += finished as long
      def load = lag > 100_000 ? Load.CRITICAL : lag > 50_000 ? Load.BEHIND : lag > 5_000 ? Load.NORMAL : Load.CALM
      scaler.check(new ScalingReading(now, workers, 1, partitions, true, load, lag as long, (lag - before) / 30 as double, done, '')).ifPresent {
        decisions << it
        workers = it.to()
        changes++
      }
      before = lag
    }

    then: 'one step up at the most, and what follows goes one way'
    decisions.count { it.direction() == ScalingDecision.Direction.UP } <= 1
    decisions.count { it.direction() == ScalingDecision.Direction.BACK } == 0
    changes <= 3

    where:
    [begin, period, backlog] << [[2, 4], [2, 5, 10, 30], [0, 100_000]].combinations()
  }
}
