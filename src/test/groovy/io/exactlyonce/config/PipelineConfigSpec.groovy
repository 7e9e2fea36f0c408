package io.exactlyonce.config

import io.exactlyonce.config.value.Delivery
import io.exactlyonce.config.value.GroupProtocolChoice
import io.exactlyonce.config.value.GuardChoice
import io.exactlyonce.config.value.JsonChoice
import io.exactlyonce.config.value.Membership
import io.exactlyonce.config.value.OnGuardFailure
import io.exactlyonce.config.value.OnIncompleteRebuild
import io.exactlyonce.config.value.OnMissingId
import io.exactlyonce.config.value.Ordering
import io.exactlyonce.config.value.OutputHeaderNames
import io.exactlyonce.config.value.ScalingMode
import io.exactlyonce.config.value.StartChecksChoice
import io.exactlyonce.config.value.TombstoneChoice

import java.time.Duration


class PipelineConfigSpec extends ParsedConfig {

  def "these are the defaults, and each key has a line here"() {
    given:
    def recorded = [
      'source'             : null,
      'sinks'              : '',
      'group'              : '',
      'instance-id'        : '',
      'workers'            : '1',
      'ordering'           : 'partition',
      'concurrency'        : '1',
      'delivery'           : 'exactly-once',
      'group-protocol'     : 'classic',
      'membership'         : 'dynamic',
      'commit-interval'    : '40ms',
      'commit-floor'       : '10ms',
      'commit-records'     : '50000',
      'commit-bytes'       : '64MB',
      'commit-target'      : '100ms',
      'transaction-timeout': '30s',
      'drain-timeout'      : '10s',
      'stop-timeout'       : '20s',
      'handler-timeout'    : '0s',
      'stall-after'        : '1m',
      'restart.failures'   : '5',
      'restart.window'     : '5m',
      'restart.backoff'    : '1s',
      'restart.max-backoff': '32s',
      'start-checks'       : 'warn',
      'in-flight-records'  : '50000',
      'in-flight-bytes'    : '64MB',
      'in-flight-records-per-partition': '0',
      'in-flight-bytes-per-partition': '0',
      'rate-limit'         : '0',
      'guard.store'        : 'redis',
      'guard.window'       : '24h',
      'guard.event-id'     : 'header:event-id, cloudevent',
      'guard.on-missing-id': 'dead-letter',
      'guard.timeout'      : '2s',
      'guard.on-failure'   : 'wait',
      'guard.on-incomplete-rebuild': 'warn',
      'retry.attempts'     : '3',
      'retry.backoff'      : '100ms',
      'retry.max-backoff'  : '10s',
      'retry.on'           : '',
      'retry.never'        : '',
      'retry.on-exhausted' : 'dead-letter',
      'retry.topics'       : '',
      'headers.event-id'   : 'event-id',
      'headers.source-position': 'source-position',
      'effects.timeout'    : '10s',
      'lag.check-every'    : '30s',
      'alerts.lag.warning-records': '50000',
      'alerts.lag.warning-time': '60s',
      'alerts.lag.critical-records': '100000',
      'alerts.lag.critical-time': '5m',
      'alerts.lag.partition-warning-records': '',
      'alerts.lag.partition-critical-records': '',
      'alerts.dead-letters': '0',
      'alerts.aborts'      : '20',
      'alerts.rebalances'  : '60',
      'alerts.remind-after': '30m',
      'scaling.mode'       : 'off',
      'scaling.min-workers': '1',
      'scaling.max-workers': '8',
      'scaling.max-concurrency': '0',
      'metrics.kafka-clients': 'essential',
      'dead-letters'       : '',
      'receipts'           : '',
      'key-deserializer'   : '',
      'value-deserializer' : '',
      'key-serializer'     : '',
      'value-serializer'   : '',
      'json'               : 'strict',
      'tombstones'         : 'dead-letter',
      'registry.timeout'   : '10s',
      'registry.away-on'   : '',
      'topics.partitions'  : '12',
      'topics.replication' : '-1',
    ]

    expect:
    PipelineSettings.ALL.collectEntries { [it.key(), it.defaultText()] } == recorded
  }

  def "with a source alone the configuration is the defaults"() {
    expect:
    parse(REQUIRED) == new PipelineConfig(
        'p', ['in'], [], 'p', 'host-1', 1, Ordering.PARTITION, 1, Delivery.EXACTLY_ONCE, GroupProtocolChoice.CLASSIC, Membership.DYNAMIC,
        new PipelineConfig.Commits(Duration.ofMillis(40), Duration.ofMillis(10), 50_000, 64 << 20, Duration.ofMillis(100), Duration.ofSeconds(30)),
        Duration.ofSeconds(10), Duration.ofSeconds(20),
        new PipelineConfig.HandlerLimits(Duration.ZERO, Duration.ofMinutes(1)),
        new PipelineConfig.Restarts(5, Duration.ofMinutes(5), Duration.ofSeconds(1), Duration.ofSeconds(32)),
        StartChecksChoice.WARN,
        new PipelineConfig.Bounds(50_000, 64 << 20, 0, 0, 0),
        new PipelineConfig.GuardConfig(GuardChoice.REDIS, Duration.ofHours(24), ['header:event-id', 'cloudevent'],
            OnMissingId.DEAD_LETTER, Duration.ofSeconds(2), OnGuardFailure.WAIT, OnIncompleteRebuild.WARN),
        new PipelineConfig.Retry(3, Duration.ofMillis(100), Duration.ofSeconds(10)),
        Duration.ofSeconds(10), Duration.ofSeconds(30),
        new PipelineConfig.Alerts(50_000, Duration.ofSeconds(60), 100_000, Duration.ofMinutes(5), 50_000, 100_000, 0, 20, 60, Duration.ofMinutes(30)),
        new ScalingConfig(ScalingMode.OFF, 1, 8, 0), ClientMetricsChoice.ESSENTIAL,
        new OutputHeaderNames('event-id', 'source-position'), 'p.dead-letters', 'p.receipts', new PipelineConfig.Codecs('', '', '', '', JsonChoice.STRICT, Duration.ofSeconds(10), [], TombstoneChoice.DEAD_LETTER), new PipelineConfig.Topics(12, -1), [:], [:])
  }

  def "thresholds of one partition that are left out are those of all together: #given"() {
    given:
    def alerts = PipelineConfig.parse('p', REQUIRED + given, 'host').alerts()

    expect:
    [alerts.partitionWarningRecords(), alerts.partitionCriticalRecords()] == expected

    where:
    given                                                                                                 || expected
    ['alerts.lag.warning-records': '5', 'alerts.lag.critical-records': '9']                               || [5, 9]
    ['alerts.lag.partition-warning-records': '7']                                                         || [7, 100_000]
    ['alerts.lag.partition-warning-records': '7', 'alerts.lag.partition-critical-records': '8']           || [7, 8]
  }

  def "retry.topics #text with #more is refused: #says"() {
    expect:
    complaint(REQUIRED + ['retry.topics': text] + more).contains(says)

    where:
    text          | more                                                        || says
    '1m'          | [:]                                                         || 'set ordering: none'
    '1m'          | [ordering: 'key']                                           || 'set ordering: none'
    '1m'          | [ordering: 'none', delivery: 'at-most-once']                || 'choose another delivery'
    '1m, 60s'     | [ordering: 'none']                                          || 'names a delay twice'
    '12h, 12h30m' | [ordering: 'none']                                          || 'is not a time'
    '10h, 14h'    | [ordering: 'none']                                          || 'must be below guard.window (1d)'
    '10ms'        | [ordering: 'none']                                          || 'must be at least 100ms'
    '1m'          | [ordering: 'none', sinks: 'p.retry.1m']                     || 'uses the topic p.retry.1m'
    '1m, 1h'      | [ordering: 'none']                                          || 'none'
  }

  def "retry topics are named by group and delay, and read beside the source"() {
    expect:
    with(parse(REQUIRED + ['retry.topics': '60s, 10m,1h', ordering: 'none', group: 'g'])) {
      retry().topics()*.name() == ['g.retry.1m', 'g.retry.10m', 'g.retry.1h']
      subscribed() == ['in', 'g.retry.1m', 'g.retry.10m', 'g.retry.1h']
    }
  }

  def "a poll brings #records records with #settings"() {
    expect:
    parse(REQUIRED + settings).pollRecords() == records

    where:
    settings                                                        || records
    [:]                                                             || 2000
    ['in-flight-records': '400']                                    || 100
    ['in-flight-records': '1']                                      || 1
    ['in-flight-records-per-partition': '600']                      || 300
    ['rate-limit': '1000']                                          || 50
    ['rate-limit': '1']                                             || 1
    ['rate-limit': '1000', 'consumer.max.poll.records': '700']      || 700
  }

  def "what is set counts: #key = #text"() {
    expect:
    read(parse(REQUIRED + [(key): text])) == value

    where:
    key                    | text                    | read                                || value
    'source'               | 'a, b,c'                | { it.source() }                     || ['a', 'b', 'c']
    'sinks'                | ' x ,,y'                | { it.sinks() }                      || ['x', 'y']
    'group'                | 'g'                     | { it.group() }                      || 'g'
    'group'                | 'g'                     | { it.deadLetters() }                || 'g.dead-letters'
    'group'                | 'g'                     | { it.receipts() }                   || 'g.receipts'
    'instance-id'          | 'east'                  | { it.workerId(2) }                  || 'p-east-2'
    'workers'              | ' 4 '                   | { it.workers() }                    || 4
    'ordering'             | 'key'                   | { it.ordering() }                   || Ordering.KEY
    'ordering'             | 'NONE'                  | { it.ordering() }                   || Ordering.NONE
    'delivery'             | 'at-least-once'         | { it.delivery() }                   || Delivery.AT_LEAST_ONCE
    'group-protocol'       | 'consumer'              | { it.groupProtocol() }              || GroupProtocolChoice.CONSUMER
    'guard.store'          | 'off'                   | { it.guard().store() }              || GuardChoice.OFF
    'guard.event-id'       | 'header:x, field:y,key' | { it.guard().eventId() }            || ['header:x', 'field:y', 'key']
    'guard.on-failure'     | 'bypass'                | { it.guard().onFailure() }          || OnGuardFailure.BYPASS
    'guard.on-incomplete-rebuild' | 'refuse'         | { it.guard().onIncompleteRebuild() } || OnIncompleteRebuild.REFUSE
    'guard.on-missing-id'  | 'unguarded'             | { it.guard().onMissingId() }        || OnMissingId.UNGUARDED
    'dead-letters'         | 'dlq'                   | { it.deadLetters() }                || 'dlq'
    'receipts'             | 'proofs'                | { it.receipts() }                   || 'proofs'
    'commit-floor'         | '0ms'                   | { it.commits().floor() }            || Duration.ZERO
    'topics.partitions'    | '0'                     | { it.topics().partitions() }        || 0
    'consumer.fetch.min.bytes' | '7'                 | { it.consumerOverrides() }          || ['fetch.min.bytes': '7']
    'producer.linger.ms'   | '7'                     | { it.producerOverrides() }          || ['linger.ms': '7']
  }

  def "scaling within its bounds is taken: #more"() {
    expect:
    parse(REQUIRED + more).scaling().maxConcurrency(parse(REQUIRED + more).concurrency()) == concurrency

    where:
    more                                                                                     || concurrency
    ['scaling.mode': 'workers', workers: '8']                                                || 1
    ['scaling.mode': 'workers', 'scaling.min-workers': '8', workers: '8']                    || 1
    [workers: '9']                                                                           || 1
    [concurrency: '4']                                                                       || 4
    [concurrency: '4', 'scaling.max-concurrency': '4']                                       || 4
    [concurrency: '4', 'scaling.max-concurrency': '5', ordering: 'key']                      || 5
    ['scaling.max-concurrency': '10000', ordering: 'none']                                   || 10_000
  }
}
