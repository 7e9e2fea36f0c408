package io.exactlyonce.config

/** A setting that is wrong is one line with its key, its value and the remedy. */
class WrongSettingsSpec extends ParsedConfig {

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
    ['alerts.lag.partition-warning-records': '0'] | 'alerts.lag.partition-warning-records' | '0' || 'must be from 1 to'
    ['alerts.lag.partition-critical-records': '0'] | 'alerts.lag.partition-critical-records' | '0' || 'must be from 1 to'
    ['alerts.lag.partition-warning-records': '100000'] | 'alerts.lag.partition-warning-records' | '100000' || 'must be below alerts.lag.partition-critical-records (100000)'
    ['alerts.lag.partition-critical-records': '40000'] | 'alerts.lag.partition-warning-records' | '50000' || 'must be below alerts.lag.partition-critical-records (40000)'
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
}
