package io.exactlyonce.scaling

import io.exactlyonce.config.PipelineConfig
import io.exactlyonce.engine.status.PipelineCounters
import io.exactlyonce.engine.status.PipelineState
import io.exactlyonce.engine.status.PipelineStatus
import io.exactlyonce.engine.status.StoppedPartition
import io.exactlyonce.engine.status.WorkerFailures
import io.exactlyonce.engine.status.WorkerState
import io.exactlyonce.engine.status.WorkerStatus
import io.exactlyonce.lag.GroupLag
import io.exactlyonce.lag.LagSeconds
import io.exactlyonce.lag.LagState
import io.exactlyonce.lag.PartitionLag
import io.exactlyonce.lag.Trend
import io.exactlyonce.scaling.ScalingReading.Load
import org.apache.kafka.common.TopicPartition
import spock.lang.Specification

import java.time.Instant

/** What the scaler is told of a lag, and what explains one. */
class ScalingReadingsSpec extends Specification {
  static final Instant START = Instant.parse('2026-01-01T00:00:00Z')

  def counters = new PipelineCounters()

  static PipelineConfig config(Map more = [:]) {
    PipelineConfig.parse('orders', [source: 'in'] + more, 'a')
  }

  static PartitionLag part(Map of = [:], int number) {
    new PartitionLag(new TopicPartition(of.topic ?: 'in', number), of.state ?: LagState.GROWING, of.owner == null ? 'orders-a-0' : of.owner,
        of.records ?: 0, new LagSeconds(of.seconds ?: 0 as double, LagSeconds.Kind.EXACT), new Trend(of.slope ?: 0 as double, null), 0, null, 0, 0)
  }

  static GroupLag lag(List<PartitionLag> parts, String unmeasured = '') {
    new GroupLag('orders', 'orders', START, parts, unmeasured, unmeasured ? START : null)
  }

  static PipelineStatus status(Map of = [:]) {
    def worker = new WorkerStatus('orders-a-0', WorkerState.RUNNING, ['in-0'], of.trouble ?: '', WorkerFailures.NONE)
    new PipelineStatus('orders', PipelineState.RUNNING, '', '', [], [worker], of.stops ?: [])
  }

  /** The second of two checks, half a minute apart. */
  ScalingReading second(Map of = [:]) {
    def readings = new ScalingReadings(of.config ?: config())
    def found = of.lag ?: lag([part(0, records: 200_000, slope: 50)])
    readings.of(START, 1, 4, found, status(), counters)
    counters.read.add(3000)
    counters.processed.add(of.containsKey('done') ? of.done : 3000)
    counters.handlerFailures.add(of.failures ?: 0)
    counters.claimFailures.add(of.claims ?: 0)
    readings.of(START.plusSeconds(30), 1, 4, found, of.status ?: status(), counters)
  }

  def "a lag that nothing explains"() {
    expect:
    second().explained() == ''
    second(config: config('rate-limit': '200')).explained() == ''
    second(failures: 300).explained() == ''
  }

  def "explained: #why"() {
    expect:
    second(how).explained() == why

    where:
    how                                                                               || why
    [status: status(trouble: 'Redis does not answer')]                                || 'the pipeline is not ready'
    [status: status(stops: [new StoppedPartition('in-0@3', 'IOException', 3, START)])]            || 'a partition waits for a decision at in-0@3'
    [claims: 1]                                                                       || 'claim calls to the guard fail'
    [failures: 301]                                                                   || 'handler calls fail and are tried again'
    [config: config('rate-limit': '110')]                                             || 'rate-limit is 110 records/s'
    [lag: lag([part(0, records: 200_000, state: LagState.STALLED)])]                  || 'all partitions with a lag are stalled'
  }

  def "#records records and #seconds s are #load"() {
    expect:
    second(lag: lag([part(0, records: records, seconds: seconds)])).load() == load

    where:
    records | seconds || load
    5_000   | 6       || Load.CALM
    5_001   | 0       || Load.NORMAL
    0       | 6.1     || Load.NORMAL
    50_001  | 0       || Load.BEHIND
    0       | 60.1    || Load.BEHIND
    100_001 | 0       || Load.CRITICAL
    0       | 300.1   || Load.CRITICAL
  }

  def "a lag that cannot be measured is none that is known"() {
    expect:
    second(lag: lag([part(0)], 'no answer')).load() == Load.UNMEASURED
  }

  def "partitions of the source are there for those whom no other instance's workers need"() {
    expect:
    second(lag: lag([part(0), part(1, owner: 'orders-b-0'), part(2, owner: 'orders-b-0'), part(3, owner: ''), part(0, topic: 'orders.retry.1m')])).mostUseful() == 3
  }

  def "what is wanted and what is there is passed on"() {
    when:
    def reading = second(lag: lag([part(0, records: 7, slope: 2), part(1, records: 5, slope: -3)]))

    then:
    [reading.workers(), reading.concurrency(), reading.records(), reading.perSecond(), reading.done()] == [1, 4, 12, -1, 3000]
    reading.at() == START.plusSeconds(30)
  }

  def "who has #has may #may workers"() {
    given:
    def worker = new WorkerStatus('orders-a-0', WorkerState.RUNNING, has, '', WorkerFailures.NONE)

    expect:
    second(status: new PipelineStatus('orders', PipelineState.RUNNING, '', '', [], [worker], [])).decides() == (may == 'add')

    where:
    has                || may
    ['in-0', 'in-1']   || 'add'
    ['in-1', 'in-10']  || 'not add'
    []                 || 'not add'
  }

  def "what counts as done: #counter"() {
    given:
    def field = counters."$counter"

    when:
    field.add(5)

    then:
    second(done: 0).done() == 5

    where:
    counter << ['processed', 'skipped', 'duplicates', 'deadLetters', 'passed', 'delayed']
  }

  def "what stalls explains a lag only where nothing else is behind: #parts"() {
    expect:
    second(lag: lag(parts.withIndex().collect { it, number -> part(number, records: it[0], state: it[1]) })).explained() == why

    where:
    parts                                                       || why
    [[9, LagState.STALLED], [9, LagState.GROWING]]              || ''
    [[9, LagState.STALLED], [0, LagState.OK]]                   || 'all partitions with a lag are stalled'
    [[0, LagState.STALLED], [9, LagState.GROWING]]              || ''
    [[0, LagState.STALLED], [0, LagState.OK]]                   || ''
  }

  def "what has failed before the first check explains nothing, and later only what is new"() {
    given:
    counters.claimFailures.add(7)
    counters.handlerFailures.add(7_000)
    counters.read.add(1_000_000)
    counters.processed.add(10)
    def readings = new ScalingReadings(config('rate-limit': '200'))
    def found = lag([part(0, records: 200_000)])
    def explained = { int at -> readings.of(START.plusSeconds(at), 1, 1, found, status(), counters).explained() }

    expect:
    explained(0) == ''
    explained(30) == ''

    when:
    counters.claimFailures.add(1)

    then:
    explained(60).startsWith('claim calls to the guard fail')
    explained(90) == ''

    when:
    counters.handlerFailures.add(1)

    then:
    explained(120).startsWith('handler calls fail')
    explained(150) == ''

    when:
    counters.read.add(30 * 180)

    then:
    explained(180) == 'rate-limit is 200 records/s'
    explained(210) == ''

    when: 'many done, of which a few fail'
    counters.processed.add(1000)
    counters.handlerFailures.add(100)

    then:
    explained(240) == ''

    when: 'as many again of the same number'
    counters.processed.add(100)
    counters.handlerFailures.add(100)

    then:
    explained(270).startsWith('handler calls fail')
  }
}
