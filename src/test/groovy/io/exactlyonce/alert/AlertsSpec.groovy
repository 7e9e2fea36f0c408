package io.exactlyonce.alert

import io.exactlyonce.alert.AlertMessage.Event
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
import io.exactlyonce.lag.OpenTransaction
import io.exactlyonce.lag.PartitionLag
import io.exactlyonce.lag.Trend
import org.apache.kafka.common.TopicPartition
import spock.lang.Specification

import java.time.Duration
import java.time.Instant
import java.util.concurrent.atomic.LongAdder

/** When an operator is told what, by what the checks found; the checks are 30 seconds apart. */
class AlertsSpec extends Specification {

  static final String SILENT = 'Redis at h:1 is silent'
  static final WorkerStatus TROUBLED = new WorkerStatus('orders-node-1-1', WorkerState.RECOVERING, [], 'it recovers', WorkerFailures.NONE)
  static final Instant START = Instant.parse('2026-11-27T10:00:00Z')

  def alerts = new Alerts('orders', 'node-1', new PipelineConfig.Alerts(50_000, Duration.ofSeconds(60), 100_000, Duration.ofMinutes(5), 50_000, 100_000, 2, 20, 60, Duration.ofMinutes(30)))
  def counters = new PipelineCounters()
  int checks = 0

  static PartitionLag part(Map given) {
    new PartitionLag(new TopicPartition('in', given.partition ?: 0), given.state ?: LagState.GROWING, 'node-1-0', given.records ?: 0,
        new LagSeconds(given.seconds ?: 0, LagSeconds.Kind.EXACT), new Trend(0, given.gone), given.held ?: 0, given.open, given.lost ?: 0, 0)
  }

  static GroupLag lag(List<PartitionLag> parts, String cannotMeasure = '') {
    new GroupLag('orders', 'orders', START, parts, cannotMeasure, cannotMeasure ? START : null)
  }

  static PipelineStatus status(Map given = [:]) {
    def worker = new WorkerStatus('orders-node-1-0', given.worker ?: WorkerState.RUNNING, ['in-0'], given.workerTrouble ?: '', WorkerFailures.NONE)
    def workers = [given.down ? worker.stayingDown() : worker] + (given.others ?: [])
    new PipelineStatus('orders', given.state ?: PipelineState.RUNNING, given.trouble ?: '', given.guard ?: '', [], workers, given.stops ?: [])
  }

  List<String> check(GroupLag lag = lag([]), PipelineStatus status = status()) {
    alerts.check(new Reading(START.plusSeconds(30 * checks++), lag, status, counters)).collect { "$it.event ${it.kind().title()}".toString() }
  }

  List<String> raised() {
    alerts.raised()*.kind()*.title()
  }

  def "a lag is said at the second check that finds it, once, and its end at the third below 70 percent"() {
    given:
    def of = { long records -> lag([part(records: records)]) }

    expect:
    [60_000, 60_000, 60_000, 40_000, 34_000, 34_000, 34_000, 34_000].collect { check(of(it)) } ==
        [[], ['RAISED PipelineLag'], [], [], [], [], ['RESOLVED PipelineLag'], []]
    raised() == []
  }

  def "a lag that hovers about its threshold is one alert"() {
    expect:
    (0..<40).collectMany { check(lag([part(records: it % 2 ? 60_000 : 40_000)])) } == []
    (0..<40).collectMany { check(lag([part(records: it % 4 < 2 ? 60_000 : 40_000)])) }.findAll { !it.startsWith('REMINDER') } == ['RAISED PipelineLag']
  }

  def "records #records and #seconds s: #expected"() {
    given:
    def found = lag([part(partition: 1, records: 10, seconds: 1), part(records: records, seconds: seconds)])

    when:
    2.times { check(found) }

    then:
    raised() == expected

    where:
    records | seconds || expected
    49_991  | 60.1    || ['PipelineLag']
    49_990  | 60      || []
    49_991  | 0       || ['PipelineLag']
    99_991  | 0       || ['PipelineLag', 'PipelineLagCritical']
    7       | 300.5   || ['PipelineLag', 'PipelineLagCritical']
  }

  def "one partition with #records records beside others with #others: #expected"() {
    given: 'thresholds of one partition that are below those of all'
    alerts = new Alerts('orders', 'node-1', new PipelineConfig.Alerts(50_000, Duration.ofSeconds(60), 100_000, Duration.ofMinutes(5), 10_000, 20_000, 2, 20, 60,
        Duration.ofMinutes(30)))

    when:
    2.times { check(lag([part(partition: 1, records: others, seconds: 9), part(partition: 2, records: records, seconds: 1)])) }

    then:
    raised() == expected
    alerts.raised()*.reason().every { it.endsWith('; furthest in-1 (GROWING, ' + others + ' records); in-2 alone has ' + records) }

    where:
    records | others || expected
    10_000  | 9_000  || []
    10_001  | 9_000  || ['PipelineLag']
    20_001  | 9_000  || ['PipelineLag', 'PipelineLagCritical']
  }

  def "what catches up within #minutes minutes and is #seconds s behind: #expected"() {
    given:
    def found = lag([part(state: LagState.CATCHING_UP, records: 200_000, seconds: seconds, gone: Duration.ofMinutes(minutes)), part(partition: 1, records: others, seconds: 1)])

    when:
    2.times { check(found) }

    then:
    raised() == expected

    where:
    minutes | seconds | others || expected
    10      | 299     | 0      || []
    11      | 299     | 0      || ['PipelineLag', 'PipelineLagCritical']
    10      | 301     | 0      || ['PipelineLagCritical']
    10      | 299     | 1      || ['PipelineLag', 'PipelineLagCritical']
  }

  def "a lag that was raised is not resolved by a check that could not measure it"() {
    given:
    2.times { check(lag([part(records: 60_000)])) }

    expect:
    (0..<5).collectMany { check(lag([], 'orders: Kafka broker 1 at h:9092 does not answer')) } == ['RAISED PipelineLagUnmeasured']
    raised() == ['PipelineLag', 'PipelineLagUnmeasured']
    alerts.raised()[1].reason() == "orders: Kafka broker 1 at h:9092 does not answer (since $START)"
  }

  def "#what: #expected, which says #reason"() {
    when:
    2.times { check(found, status) }

    then:
    raised() == expected
    alerts.raised()*.reason() == (expected ? [reason] : [])

    where:
    what                 | found                                  | status                                                                            || expected                     | reason
    'well'               | lag([])                                | AlertsSpec.status()                                                               || []                           | ''
    'waits for Kafka'    | lag([])                                | AlertsSpec.status(trouble: 'Kafka at h:1 is silent')                               || ['PipelineNotReady']         | 'Kafka at h:1 is silent'
    'no Redis yet'       | lag([])                                | AlertsSpec.status(state: PipelineState.WAITING, trouble: SILENT, guard: SILENT)    || ['PipelineGuardAway']        | SILENT
    'Redis is away'      | lag([])                                | AlertsSpec.status(trouble: SILENT, guard: SILENT, workerTrouble: 'claims fail')    || ['PipelineGuardAway']        | SILENT
    'claims fail'        | lag([])                                | AlertsSpec.status(workerTrouble: 'claims fail')                                    || ['PipelineNotReady']         | 'orders-node-1-0 is RUNNING: claims fail'
    'a worker restarts'  | lag([])                                | AlertsSpec.status(worker: WorkerState.FAILED, workerTrouble: 'starts again')       || ['PipelineNotReady']         | 'orders-node-1-0 is FAILED: starts again'
    'a worker is down'   | lag([])                                | AlertsSpec.status(worker: WorkerState.FAILED, workerTrouble: 'stays down', down: true) || ['PipelineWorkerDown']   | 'orders-node-1-0 is FAILED: stays down'
    'it failed'          | lag([])                                | AlertsSpec.status(state: PipelineState.FAILED)                                     || ['PipelineNotReady']         | 'it is FAILED'
    'it stops, as asked' | lag([])                                | AlertsSpec.status(state: PipelineState.STOPPING, worker: WorkerState.STOPPED)      || []                           | ''
    'a decision'         | lag([])                                | AlertsSpec.status(stops: [new StoppedPartition('in-0@7', 'no such account', 3, START)])        || ['PipelinePartitionStopped'] | 'it waits for a decision at in-0@7: no such account'
    'two decisions'      | lag([])                                | AlertsSpec.status(stops: ['in-0@7', 'in-1@9'].collect { new StoppedPartition(it, 'why', 1, START) }) || ['PipelinePartitionStopped'] | 'it waits for a decision at in-0@7: why; and at 1 more'
    'lost of the log'    | lag([part(lost: 30)])                  | AlertsSpec.status()                                                               || ['PipelineLost']             | '30 records were deleted before they were processed'
  }

  def "what has an alert of its own does not hide another reason not to be ready: #what"() {
    when:
    2.times { check(lag([]), status) }

    then:
    raised() == expected
    alerts.raised().find { it.kind() == AlertKind.PIPELINE_NOT_READY }?.reason() == reason

    where:
    what                 | status                                                                                                  || expected                                   | reason
    'Kafka besides'      | AlertsSpec.status(trouble: "Kafka is silent; $SILENT", guard: SILENT)                                   || ['PipelineNotReady', 'PipelineGuardAway']  | "Kafka is silent; $SILENT"
    'another worker'     | AlertsSpec.status(worker: WorkerState.FAILED, workerTrouble: 'down', down: true, others: [TROUBLED])    || ['PipelineNotReady', 'PipelineWorkerDown'] | 'orders-node-1-1 is RECOVERING: it recovers'
    'a worker and Redis' | AlertsSpec.status(worker: WorkerState.FAILED, workerTrouble: 'down', down: true, trouble: SILENT, guard: SILENT) || ['PipelineWorkerDown', 'PipelineGuardAway'] | null
  }

  def "a transaction of #id, #age ms old with a time-out of #timeout ms: #expected, which says #reason"() {
    when:
    2.times { check(lag([part(held: 3, open: new OpenTransaction(id, 9, age, timeout))])) }

    then:
    raised() == expected
    alerts.raised()*.reason() == (expected ? ["3 offsets of in-0 are held back by $reason".toString()] : [])

    where: 'without a time-out the longest one that brokers allow by default counts, and an age that is not known is none'
    id     | age       | timeout   || expected             | reason
    'tx-1' | 71_000    | 60_000    || ['PipelineHeldBack'] | 'the open transaction tx-1 of producer id 9, 71 s old; its time-out is 60 s'
    'tx-1' | 70_000    | 60_000    || []                   | ''
    'tx-1' | 3_599_000 | 3_600_000 || []                   | ''
    'tx-1' | 3_611_000 | 3_600_000 || ['PipelineHeldBack'] | 'the open transaction tx-1 of producer id 9, 3611 s old; its time-out is 3600 s'
    'tx-1' | 0         | 60_000    || []                   | ''
    'tx-1' | 0         | 0         || []                   | ''
    ''     | 910_000   | 0         || []                   | ''
    ''     | 911_000   | 0         || ['PipelineHeldBack'] | 'a transaction that no coordinator lists (it hangs, or DESCRIBE for its id is missing) of producer id 9, 911 s old; its time-out is not known, so it is taken for 900 s'
    null   | 911_000   | 0         || ['PipelineHeldBack'] | 'a transaction whose id is not known (a broker did not answer) of producer id 9, 911 s old; its time-out is not known, so it is taken for 900 s'
  }

  def "of several transactions that are overdue the most overdue one is named"() {
    given:
    def young = part(held: 3, open: new OpenTransaction('tx-1', 9, 700_000, 600_000))
    def old = part(partition: 1, held: 1, open: new OpenTransaction('tx-2', 8, 400_000, 60_000))

    when:
    2.times { check(lag([young, old])) }

    then:
    alerts.raised()*.reason() == ['1 offsets of in-1 are held back by the open transaction tx-2 of producer id 8, 400 s old; its time-out is 60 s']
  }

  LongAdder adder(String counter) {
    counter == 'rebalances' ? counters.rebalances.count : counters[counter] as LongAdder
  }

  def "#counter that grew by #many within ten minutes: #expected; after that it is over"() {
    given: 'what was counted before the first check is not new'
    adder(counter).add(1_000)
    check()

    when:
    adder(counter).add(many)
    2.times { check() }

    then:
    raised() == expected

    when: 'nothing more for ten minutes and three checks'
    23.times { check() }

    then:
    raised() == []

    where:
    counter       | many || expected
    'deadLetters' | 3    || ['PipelineDeadLetters']
    'deadLetters' | 2    || []
    'aborts'      | 21   || ['PipelineAborts']
    'aborts'      | 20   || []
    'unguarded'   | 1    || ['PipelineUnguarded']
    'lost'        | 1    || ['PipelineUnfinished']
  }

  def "rebalances count by the hour: #many, #minutes minutes apart: #expected"() {
    given:
    check()

    when:
    counters.rebalances.count.add(31)
    (2 * minutes).times { check() }
    counters.rebalances.count.add(many - 31)
    2.times { check() }

    then:
    raised() == expected
    alerts.raised()*.reason() == (expected ? ["rebalances in an hour: $many".toString()] : [])

    when: 'nothing more for an hour and three checks'
    123.times { check() }

    then:
    raised() == []

    where:
    many | minutes || expected
    61   | 5       || ['PipelineRebalances']
    61   | 55      || ['PipelineRebalances']
    60   | 5       || []
    61   | 61      || []
  }

  def "an alert that stays is said again every thirty minutes, and its end says since when it was there"() {
    given:
    def down = status(trouble: 'Kafka at h:1 is silent')

    when:
    def said = (0..<150).collectMany { check(lag([]), down) }

    then: 'raised at the second check; then 60 checks are half an hour'
    said == ['RAISED PipelineNotReady', 'REMINDER PipelineNotReady', 'REMINDER PipelineNotReady']

    when:
    def last = []
    3.times { last = alerts.check(new Reading(START.plusSeconds(30 * checks++), lag([]), status(), counters)) }

    then:
    last*.text() == ['PipelineNotReady (critical) of orders is resolved; it was there since 2026-11-27T10:00:30Z: Kafka at h:1 is silent']
  }

  def "a message says what, how bad, of which pipeline, with figures and remedy"() {
    when:
    check(lag([part(records: 60_000, seconds: 61.25)]))
    def said = alerts.check(new Reading(START.plusSeconds(30), lag([part(records: 60_000, seconds: 61.25)]), status(), counters))

    then:
    said*.text() == ['PipelineLag (warning) of orders: 60000 records, 61.3 s behind; furthest in-0 (GROWING, 60000 records); ' + AlertKind.PIPELINE_LAG.remedy()]
    WebhookForm.JSON.fields(said[0]) == [event: 'raised', alert: 'PipelineLag', severity: 'warning', pipeline: 'orders', instance: 'node-1',
        reason: said[0].reason(), remedy: said[0].kind().remedy(), since: '2026-11-27T10:00:30Z', at: '2026-11-27T10:00:30Z', text: said[0].text()]
    WebhookForm.SLACK.fields(new AlertMessage(Event.RAISED, AlertKind.PIPELINE_LAG, 'a<b>&c', 'i', 'r', START, START)).text.contains('of a&lt;b&gt;&amp;c: r')
  }
}
