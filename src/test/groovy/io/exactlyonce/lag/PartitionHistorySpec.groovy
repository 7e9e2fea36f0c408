package io.exactlyonce.lag

import org.apache.kafka.common.TopicPartition
import org.apache.kafka.common.Uuid
import spock.lang.Specification

import java.time.Duration

import static io.exactlyonce.lag.LagSeconds.Kind.AT_LEAST
import static io.exactlyonce.lag.LagSeconds.Kind.EXACT
import static io.exactlyonce.lag.LagSeconds.Kind.INTERPOLATED
import static io.exactlyonce.lag.LagState.CATCHING_UP
import static io.exactlyonce.lag.LagState.GROWING
import static io.exactlyonce.lag.LagState.OK
import static io.exactlyonce.lag.LagState.REWOUND
import static io.exactlyonce.lag.LagState.STALLED
import static io.exactlyonce.lag.LagState.STOPPED

/** What follows from the samples of a partition: no cluster, no clock, and each check 30 s after the last. */
class PartitionHistorySpec extends Specification {

  static final long START = 1_000_000_000_000L
  static final Uuid TOPIC = Uuid.randomUuid()

  PartitionHistory history = new PartitionHistory(new TopicPartition('payments', 3), Duration.ofSeconds(30))
  int check

  /** The next check, 30 s after the last. */
  PartitionLag at(Map found) {
    def millis = found.millis ?: START + 30_000L * check++
    long end = found.end ?: 0
    long stable = found.stable != null ? found.stable : end
    def committed = found.containsKey('committed') ? found.committed : 0
    history.add(new PartitionSample(millis, found.topic ?: TOPIC, found.begin ?: 0, stable, end, committed,
        found.containsKey('owner') ? found.owner : 'worker-0', found.oldest, found.open))
  }

  /** The next check, with so many records between the offset and an end that have both moved on. */
  PartitionLag behind(long records) {
    long end = 1_000_000L * (check + 1)
    at(end: end, committed: end - records)
  }

  static RecordTime record(long offset, long secondsAfterStart) {
    new RecordTime(offset, START + secondsAfterStart * 1000)
  }

  def "records count from the committed offset to the last stable one: #found"() {
    when:
    def lag = at(found)

    then:
    [lag.records(), lag.heldBack(), lag.lost()] == expected

    where:
    found                                               || expected
    [end: 100, committed: 40]                           || [60, 0, 0]
    [end: 100, committed: 100]                          || [0, 0, 0]
    [end: 100, committed: -1]                           || [100, 0, 0]
    [begin: 30, end: 100, committed: -1]                || [70, 0, 0]
    [begin: 30, end: 100, committed: 10]                || [70, 0, 20]
    [begin: 100, end: 100, committed: 10]               || [0, 0, 90]
    [end: 1663, stable: 200, committed: 200]            || [0, 1463, 0]
    [end: 1663, stable: 200, committed: 150]            || [50, 1463, 0]
    [end: 100, stable: 90, committed: 95]               || [0, 10, 0]
    [end: 90, stable: 100, committed: 90]               || [10, 0, 0]
  }

  def "the states go by what was committed since the checks before: #states"() {
    expect:
    checks.collect { at(it).state() } == states

    where:
    checks                                                                          || states
    // keeps up, however much comes in
    [[end: 100, committed: 90], [end: 500, committed: 490], [end: 900, committed: 890]] || [OK, OK, OK]
    // what was there at the check before is committed, and no more
    [[end: 100, committed: 0], [end: 200, committed: 100], [end: 300, committed: 200]] || [OK, OK, OK]
    // and one record less
    [[end: 100, committed: 0], [end: 200, committed: 99], [end: 300, committed: 150]]  || [OK, GROWING, GROWING]
    // a burst is worked off
    [[end: 9000, committed: 0], [end: 9000, committed: 1000], [end: 9000, committed: 2000]] || [OK, CATCHING_UP, CATCHING_UP]
    // works, and too slowly
    [[end: 9000, committed: 0], [end: 19000, committed: 1000], [end: 29000, committed: 2000]] || [OK, GROWING, GROWING]
    // neither more nor less is no catching up
    [[end: 9000, committed: 0], [end: 10000, committed: 1000], [end: 11000, committed: 2000]] || [OK, GROWING, GROWING]
    // stands for two checks with something to read
    [[end: 100, committed: 0], [end: 100, committed: 0], [end: 100, committed: 0]]     || [OK, GROWING, STALLED]
    // what it stands at came only after the first
    [[end: 100, committed: 100], [end: 300, committed: 100], [end: 500, committed: 100], [end: 700, committed: 100]] || [OK, OK, GROWING, STALLED]
    // stands, and goes on
    [[end: 100, committed: 0], [end: 100, committed: 0], [end: 100, committed: 0], [end: 100, committed: 50], [end: 100, committed: 100]] || [OK, GROWING, STALLED, CATCHING_UP, OK]
    // nothing to do for long
    [[end: 100, committed: 100]] * 5                                                  || [OK] * 5
    // a group without offsets that reads nothing, and then does
    [[end: 100, committed: -1], [end: 100, committed: -1], [end: 100, committed: -1], [end: 100, committed: 100]] || [OK, GROWING, STALLED, OK]
  }

  def "without an owner it is STOPPED whatever the lag, and while that is not known it is not"() {
    expect:
    at(end: 100, committed: 100, owner: '').state() == STOPPED
    at(end: 200, committed: 100, owner: '').state() == STOPPED
    at(end: 300, committed: 100, owner: null).state() == GROWING
    at(end: 300, committed: 300, owner: 'worker-1').state() == OK
  }

  def "an offset that went back is REWOUND until it is where it was, and the jump is no growth"() {
    expect:
    at(end: 1000, committed: 1000).state() == OK
    at(end: 1000, committed: 400, owner: '').state() == STOPPED
    at(end: 1000, committed: 400).state() == REWOUND

    when:
    def on = at(end: 1100, committed: 700)

    then:
    on.state() == REWOUND
    on.trend().perSecond() < 0

    and: 'also where it goes back once more meanwhile'
    at(end: 1100, committed: 500).state() == REWOUND
    at(end: 1100, committed: 999).state() == REWOUND
    at(end: 1100, committed: 1000).state() == CATCHING_UP
    at(end: 1100, committed: 1100).state() == OK
  }

  def "offsets that are gone count as a rewind to the beginning"() {
    expect:
    at(end: 1000, committed: 1000).state() == OK
    at(end: 1000, committed: -1).state() == REWOUND
    at(end: 1000, committed: 1000).state() == OK
  }

  def "a topic that is made anew begins anew: neither its times nor its states are the old one's"() {
    given:
    at(end: 1000, committed: 0)
    at(end: 1000, committed: 0)
    assert at(end: 1000, committed: 0).state() == STALLED

    when:
    def anew = at(topic: Uuid.randomUuid(), end: 50, committed: -1)

    then: 'it is no rewind, and of its age nothing is known yet'
    anew.state() == OK
    anew.records() == 50
    anew.trend() == Trend.NONE
    anew.seconds() == new LagSeconds(0, AT_LEAST)
  }

  def "a clock that was set back makes a new history and no negative times"() {
    given:
    at(end: 1000, committed: 0)
    at(end: 1000, committed: 0)

    when:
    def back = at(millis: START - 3_600_000, end: 1000, committed: 0)

    then:
    back.state() == OK
    back.seconds() == new LagSeconds(0, AT_LEAST)
  }

  def "the oldest record's own timestamp is the exact age"() {
    expect:
    at(end: 100, committed: 40, oldest: record(40, -100)).seconds() == new LagSeconds(100, EXACT)
    at(end: 100, committed: 40, oldest: record(41, -100)).seconds() == new LagSeconds(130, EXACT)
  }

  def "where nothing waits the age is 0, whatever the timestamps"() {
    expect:
    at(end: 100, committed: 100, oldest: record(100, -100)).seconds() == new LagSeconds(0, EXACT)
    at(end: 200, stable: 100, committed: 100).seconds() == new LagSeconds(0, EXACT)
  }

  def "a timestamp that is #what falls back to the samples"() {
    given: 'the 100th record came in the middle between two checks'
    at(end: 50, committed: 50)
    at(end: 150, committed: 50)

    when:
    def lag = at(end: 250, committed: 100, oldest: oldest)

    then: 'at START + 15 s, and now it is START + 60 s'
    lag.seconds() == new LagSeconds(45, INTERPOLATED)

    where:
    what                  | oldest
    'absent'              | null
    '-1'                  | new RecordTime(100, -1)
    'in the future'       | record(100, 61)
    'of a committed one'  | record(99, -1000)
  }

  def "a future timestamp without samples is an age that is at least the time since the first check"() {
    expect:
    at(end: 100, committed: 0, oldest: record(0, 3600)).seconds() == new LagSeconds(0, AT_LEAST)
    at(end: 100, committed: 0, oldest: record(0, 3600)).seconds() == new LagSeconds(30, AT_LEAST)
    at(end: 100, committed: 0, oldest: new RecordTime(0, -1)).seconds() == new LagSeconds(60, AT_LEAST)
  }

  def "a partition without new records for long keeps the time at which the last ones came"() {
    given: 'they came between the 1st and the 2nd check, and nothing since'
    at(end: 0, committed: 0)
    12.times { at(end: 100, committed: 0) }

    expect: 'the first of them at START, and it is START + 13 * 30 s'
    at(end: 100, committed: 0).seconds() == new LagSeconds(390, INTERPOLATED)

    and: 'the one in the middle 15 s later, which is 405 s ago at the next check'
    at(end: 100, committed: 50).seconds() == new LagSeconds(405, INTERPOLATED)
  }

  def "seconds grow by the clock while the offset stands"() {
    given:
    at(end: 1000, committed: 1000)

    expect:
    (1..20).collect { at(end: 1000 + 60_000 * it, committed: 1000).seconds() } ==
        (1..20).collect { new LagSeconds(30 * it, INTERPOLATED) }
  }

  def "an age of hours is told though few points are kept: within 5 percent after 24 hours"() {
    given: 'one check each 30 s of a steady stream, of which all but the first record waits'
    def last = null
    (0..2880).each { last = at(end: 2000 * it, committed: 0) }

    expect:
    Math.abs(last.seconds().value() - 86_400) < 86_400 * 0.05
    last.seconds().kind() == INTERPOLATED

    and: 'of one in the middle too'
    Math.abs(at(end: 2000 * 2881, committed: 2000 * 1440).seconds().value() - 43_230) < 43_200 * 0.05
  }

  def "between a record that was read before all samples and the first of them ages are interpolated"() {
    expect: 'it is an hour old, and 1000 records lie between it and the end'
    at(end: 1000, committed: 0, oldest: record(0, -3600)).seconds() == new LagSeconds(3600, EXACT)

    and: 'half of them are committed: the next came half an hour ago, and 30 s have passed'
    at(end: 1000, committed: 500).seconds() == new LagSeconds(1830, INTERPOLATED)
  }

  def "a log that a new leader has cut forgets when its end was where"() {
    given:
    at(end: 1000, committed: 500)
    at(end: 900, committed: 500)

    expect: 'the 950th came after the cut'
    at(end: 1000, committed: 950).seconds() == new LagSeconds(15, INTERPOLATED)
  }

  def "the trend says when the lag will be gone, and nothing while it does not get less"() {
    when:
    def lags = checks.collect { behind(it) }

    then:
    lags.last().trend().perSecond() == perSecond
    lags.last().trend().untilGone() == gone

    where:
    checks                                     || perSecond | gone
    [3000]                                     || 0         | null
    [6000, 3000]                               || -100      | Duration.ofSeconds(30)
    [9000, 6000, 3000]                         || -100      | Duration.ofSeconds(30)
    [3000, 3000, 3000]                         || 0         | null
    // one turn is a turn once two checks lie behind it: the burst before is no growth
    [0, 0, 0, 90_000, 60_000, 30_000]          || -1000     | Duration.ofSeconds(30)
    [0, 0, 0, 90_000, 60_000, 0]               || -1500     | Duration.ZERO
  }

  def "a lag that grows after it had shrunk is a growing one two checks later"() {
    when:
    def lags = [90_000, 60_000, 30_000, 60_000, 90_000].collect { behind(it) }

    then:
    lags.last().trend() == new Trend(1000, null)
  }

  def "what lies further back than some minutes has no part in the trend"() {
    given:
    20.times { at(end: 100_000 + 1000 * it, committed: 0) }

    when: 'for five minutes it neither grows nor shrinks'
    def lag = null
    11.times { lag = at(end: 119_000, committed: 0) }

    then:
    lag.trend() == Trend.NONE
  }

  def "the record at the committed offset is read only where nothing else tells its age: #what"() {
    given:
    earlier.each { at(it) }
    def now = new PartitionSample(START + 3_600_000, TOPIC, 0, stable, stable, committed, 'worker-0', oldest, null)

    expect:
    history.needsRecordTime(now) == needed

    where:
    what                         | earlier                       | stable | committed | oldest                  || needed
    'the first check'            | []                            | 100    | 50        | null                    || true
    'a worker knows'             | []                            | 100    | 50        | record(50, 0)           || false
    'a worker knows no time'     | []                            | 100    | 50        | new RecordTime(50, -1)  || true
    'nothing waits'              | []                            | 100    | 100       | null                    || false
    'samples reach back'         | [[end: 50, committed: 50]]    | 100    | 50        | null                    || false
    'samples do not'             | [[end: 51, committed: 0]]     | 100    | 50        | null                    || true
    'one was read before'        | [[end: 51, committed: 0, oldest: record(0, -60)]] | 100 | 50 | null            || true
  }
}
