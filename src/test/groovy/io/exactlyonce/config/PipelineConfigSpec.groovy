package io.exactlyonce.config

import spock.lang.Specification

import java.time.Duration

class PipelineConfigSpec extends Specification {

  static final REQUIRED = [source: 'in']

  static PipelineConfig parse(Map<String, String> settings) {
    PipelineConfig.parse('p', settings, 'host-1')
  }

  static String complaint(Map<String, String> settings) {
    try {
      parse(settings)
      return 'none'
    } catch (ConfigurationException e) {
      return e.message
    }
  }

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
      'alerts.dead-letters': '0',
      'alerts.aborts'      : '20',
      'alerts.rebalances'  : '30',
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
        new PipelineConfig.Alerts(50_000, Duration.ofSeconds(60), 100_000, Duration.ofMinutes(5), 0, 20, 30, Duration.ofMinutes(30)),
        new ScalingConfig(ScalingMode.OFF, 1, 8, 0), ClientMetricsChoice.ESSENTIAL,
        new OutputHeaderNames('event-id', 'source-position'), 'p.dead-letters', 'p.receipts', new PipelineConfig.Codecs('', '', '', '', JsonChoice.STRICT), new PipelineConfig.Topics(12, -1), [:], [:])
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

  def "a wrong setting is one line with its key, its value and the remedy: #settings"() {
    given:
    def line = complaint(REQUIRED + settings)

    expect:
    line.startsWith("pipelines.p.$key = $value: ")
    line.contains(remedy)
    line.readLines().size() == 1

    where:
    settings                          | key                   | value        || remedy
    [source: '']                      | 'source'              | '(empty)'    || 'name at least one topic'
    ['commit-intervall': '1s']        | 'commit-intervall'    | '(unknown)'  || 'did you mean commit-interval?'
    ['in-flight-records': '10', 'in-flight-records-per-partition': '11'] | 'in-flight-records-per-partition' | '11' || 'must not be above in-flight-records (10)'
    ['in-flight-bytes': '1KB', 'in-flight-bytes-per-partition': '2KB'] | 'in-flight-bytes-per-partition' | '2048' || 'must not be above in-flight-bytes (1024)'
    ['commit-target': '16s']          | 'commit-target'       | '16s'        || 'must be at most half of transaction-timeout (30s)'
    ['consumer.max.poll.records': '0'] | 'consumer.max.poll.records' | '0'   || 'leave it out, it comes from in-flight-records'
    ['rate-limit': '-1']              | 'rate-limit'          | '-1'         || 'must be from 0'
    [worker: '2']                     | 'worker'              | '(unknown)'  || 'did you mean workers?'
    ['guard.windows': '1h']           | 'guard.windows'       | '(unknown)'  || 'did you mean guard.window?'
    [sink: 'x']                       | 'sink'                | '(unknown)'  || 'did you mean sinks?'
    ['commit-interval': '-5ms']       | 'commit-interval'     | '-5ms'       || 'must be at least 1ms; the default is 40ms'
    ['commit-interval': '0ms']        | 'commit-interval'     | '0ms'        || 'must be at least 1ms'
    ['commit-interval': '100']        | 'commit-interval'     | '100'        || 'has no unit ms, s, m, h or d; write e.g. 100ms'
    ['commit-interval': '1.5s']       | 'commit-interval'     | '1.5s'       || 'is not a time; write e.g. 100ms'
    ['commit-interval': 'soon']       | 'commit-interval'     | 'soon'       || 'is not a time'
    ['commit-interval': '1fortnight'] | 'commit-interval'     | '1fortnight' || 'has no unit'
    ['commit-interval': '99999999999999999999s'] | 'commit-interval' | '99999999999999999999s' || 'is too large a number'
    [sinks: 'out,in']                 | 'sinks'               | 'in'         || 'is both read and written'
    ['dead-letters': 'in']            | 'dead-letters'        | 'in'         || 'is both read and written'
    [receipts: 'in']                  | 'receipts'            | 'in'         || 'is both read and written'
    ['guard.window': '0s']            | 'guard.window'        | '0s'         || 'must be at least 1s; the default is 24h'
    ['guard.window': '999ms']         | 'guard.window'        | '999ms'      || 'must be at least 1s'
    ['guard.store': 'memcached']      | 'guard.store'         | 'memcached'  || 'is none of: redis, off'
    ['guard.timeout': '0ms']          | 'guard.timeout'       | '0ms'        || 'must be at least 1ms'
    ['headers.event-id': 'x', 'headers.source-position': 'x'] | 'headers.source-position' | 'x' || 'is the name of headers.event-id too'
    ['headers.event-id': '']          | 'headers.event-id'    | '(empty)'    || 'name a header, or write off'
    ['headers.source-position': '']   | 'headers.source-position' | '(empty)' || 'name a header, or write off'
    ['guard.event-id': 'class:']      | 'guard.event-id'      | 'class:'     || 'class:NAME'
    ['guard.event-id': 'cookie:x']    | 'guard.event-id'      | 'cookie:x'   || 'write cloudevent, header:NAME, field:NAME, key or class:NAME'
    ['guard.event-id': 'header:']     | 'guard.event-id'      | 'header:'    || 'write cloudevent, header:NAME'
    ['guard.event-id': 'key,field:']  | 'guard.event-id'      | 'field:'     || 'write cloudevent, header:NAME'
    [workers: '0']                    | 'workers'             | '0'          || 'must be from 1 to 256'
    [workers: '257']                  | 'workers'             | '257'        || 'must be from 1 to 256'
    [workers: 'many']                 | 'workers'             | 'many'       || 'is not a whole number; write e.g. 1'
    [concurrency: '0']                | 'concurrency'         | '0'          || 'must be from 1 to 10000'
    ['retry.attempts': '0']           | 'retry.attempts'      | '0'          || 'must be from 1 to 1000'
    ['topics.partitions': '-1']       | 'topics.partitions'   | '-1'         || 'must be from 0'
    [ordering: 'total']               | 'ordering'            | 'total'      || 'is none of: partition, key, none'
    [delivery: 'exactly_once']        | 'delivery'            | 'exactly_once' || 'is none of: exactly-once, at-least-once, at-most-once'
    ['commit-bytes': '1TB']           | 'commit-bytes'        | '1TB'        || 'has a unit other than B, KB, MB or GB'
    ['commit-bytes': 'lots']          | 'commit-bytes'        | 'lots'       || 'is not a size; write e.g. 512KB or 16MB'
    ['commit-bytes': '1023']          | 'commit-bytes'        | '1023'       || 'must be at least 1024 bytes'
    ['drain-timeout': '30s']          | 'drain-timeout'       | '30s'        || 'must be below transaction-timeout (30s)'
    ['drain-timeout': '31s']          | 'drain-timeout'       | '31s'        || 'must be below transaction-timeout (30s)'
    ['commit-floor': '41ms']          | 'commit-floor'        | '41ms'       || 'must not be above commit-interval (40ms)'
    ['commit-interval': '16s']        | 'transaction-timeout' | '30s'        || 'must be at least twice commit-interval (16s)'
    ['transaction-timeout': '999ms']  | 'transaction-timeout' | '999ms'      || 'must be at least 1s'
    ['alerts.lag.warning-records': '0'] | 'alerts.lag.warning-records' | '0' || 'must be from 1 to'
    ['alerts.lag.warning-records': '100000'] | 'alerts.lag.warning-records' | '100000' || 'must be below alerts.lag.critical-records (100000)'
    ['alerts.lag.critical-time': '60s'] | 'alerts.lag.warning-time' | '60s'  || 'must be below alerts.lag.critical-time (60s)'
    ['scaling.min-workers': '0'] | 'scaling.min-workers' | '0'               || 'must be from 1 to 256'
    ['scaling.max-workers': '257'] | 'scaling.max-workers' | '257'           || 'must be from 1 to 256'
    ['scaling.min-workers': '9'] | 'scaling.min-workers' | '9'               || 'must not be above scaling.max-workers (8)'
    ['scaling.mode': 'workers', workers: '9'] | 'workers' | '9'              || 'must be from scaling.min-workers (1) to scaling.max-workers (8)'
    ['scaling.mode': 'workers', 'scaling.min-workers': '2'] | 'workers' | '1' || 'must be from scaling.min-workers (2) to scaling.max-workers (8)'
    ['scaling.max-concurrency': '7', concurrency: '8', ordering: 'key'] | 'scaling.max-concurrency' | '7' || 'must not be below concurrency (8)'
    ['scaling.max-concurrency': '10001'] | 'scaling.max-concurrency' | '10001' || 'must be from 0 to 10000'
    ['scaling.max-concurrency': '2'] | 'scaling.max-concurrency' | '2'       || 'needs ordering key or none'
    ['alerts.lag.warning-time': '0s'] | 'alerts.lag.warning-time' | '0s'     || 'must be at least 1s'
  }

  def "a missing source is one line too"() {
    expect:
    complaint([:]) == 'pipelines.p.source = (missing): is required: Topics that the pipeline reads.'
  }

  def "what only just fits is taken: #settings"() {
    expect:
    complaint(REQUIRED + settings) == 'none'

    where:
    settings << [
        ['commit-interval': '15s'], ['commit-floor': '40ms'], ['drain-timeout': '29999ms'], ['guard.window': '1s'],
        [workers: '256'], ['commit-bytes': '1KB'], ['transaction-timeout': '1s', 'drain-timeout': '999ms']]
  }

  def "consumer.#setting cannot be overridden, and the line says why"() {
    expect:
    complaint(REQUIRED + [("consumer.$setting".toString()): 'x']) ==
        "pipelines.p.consumer.$setting = x: cannot be set, $reason; remove it"

    where:
    [setting, reason] << PinnedSettings.CONSUMER.collect { [it.key, it.value] }
  }

  def "producer.#setting cannot be overridden, and the line says why"() {
    expect:
    complaint(REQUIRED + [("producer.$setting".toString()): 'x']) ==
        "pipelines.p.producer.$setting = x: cannot be set, $reason; remove it"

    where:
    [setting, reason] << PinnedSettings.PRODUCER.collect { [it.key, it.value] }
  }

  def "these client settings are pinned"() {
    expect:
    PinnedSettings.CONSUMER.keySet() == [
        'isolation.level', 'allow.auto.create.topics', 'enable.auto.commit', 'group.id', 'group.protocol', 'group.instance.id', 'client.id',
        'partition.assignment.strategy', 'auto.offset.reset', 'key.deserializer', 'value.deserializer'] as Set
    PinnedSettings.PRODUCER.keySet() == [
        'enable.idempotence', 'acks', 'transactional.id', 'transaction.timeout.ms',
        'transaction.two.phase.commit.enable', 'client.id', 'retries', 'delivery.timeout.ms',
        'key.serializer', 'value.serializer'] as Set
  }

  def "an amount that no long can hold is a wrong setting like any other: #key = #value"() {
    expect:
    complaint(REQUIRED + [(key): value]).startsWith("pipelines.p.$key = $value: ")

    where:
    key                   | value
    'guard.window'        | '9000000000000000000d'
    'in-flight-bytes'     | '17179869185GB'
  }

  def "a time-out that Kafka cannot be told is a wrong setting"() {
    expect:
    complaint(REQUIRED + ['transaction-timeout': '30d']).startsWith('pipelines.p.transaction-timeout = 2592000s: ')
  }

  def "no place for event ids is a wrong setting while the guard is on"() {
    expect:
    complaint(REQUIRED + ['guard.event-id': '']).startsWith('pipelines.p.guard.event-id = ')
  }

  def "receipts and dead letters do not share a topic, with each other or with a sink: #settings"() {
    expect:
    complaint(REQUIRED + settings).startsWith('pipelines.p.')

    where:
    settings << [
        [receipts: 'x', 'dead-letters': 'x'], [sinks: 'out', receipts: 'out'], [sinks: 'out', 'dead-letters': 'out']]
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
