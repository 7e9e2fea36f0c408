package io.exactlyonce.wiring

import io.exactlyonce.config.ConfigurationException
import io.exactlyonce.config.PipelineConfig
import io.micronaut.context.ApplicationContext
import io.micronaut.context.env.Environment
import io.micronaut.context.env.PropertySource
import io.micronaut.context.env.PropertySource.PropertyConvention
import io.micronaut.context.env.yaml.YamlPropertySourceLoader
import spock.lang.Specification

import java.time.Duration

/** The environment alone: no bean is made. A file with one pipeline is part of it. */
class PipelinePropertiesSpec extends Specification {

  List<Environment> started = []

  def cleanup() {
    started*.stop()
  }

  PipelineProperties properties(Map sources) {
    def all = [PropertySource.of('file', new YamlPropertySourceLoader().read('file', FILE.stripIndent().bytes), -300)]
    if (sources.yaml) {
      def map = new YamlPropertySourceLoader().read('yaml', sources.yaml.stripIndent().bytes)
      all << PropertySource.of('yaml', map, -200)
    }
    if (sources.map) {
      all << PropertySource.of('map', sources.map)
    }
    if (sources.variables) {
      all << PropertySource.of('variables', sources.variables, PropertyConvention.ENVIRONMENT_VARIABLE)
    }
    def environment = ApplicationContext.builder()
        .deduceEnvironment(false)
        .overrideConfigLocations('classpath:no-such-file')
        .environmentPropertySource(false)
        .propertySources(all as PropertySource[])
        .build().environment
    environment.start()
    started << environment
    new PipelineProperties(environment)
  }

  static final FILE = '''\
      pipelines:
        payments:
          source: payments
          sinks:
            - ledger
            - notifications
    '''

  static final ORDERS = '''\
      pipelines:
        orders:
          source: orders
          sinks:
            - ledger
            - mail
          commit-interval: 50ms
          workers: 3
          guard:
            window: 7d
            event-id: field:id
          consumer:
            max.poll.records: 100
            fetch:
              min.bytes: 1
          producer.linger.ms: 3
    '''

  def "keys come as flat text, lists with commas, nested maps with dots"() {
    expect:
    properties(yaml: ORDERS).raw('orders') == [
        'source': 'orders', 'sinks': 'ledger,mail', 'commit-interval': '50ms', 'workers': '3',
        'guard.window': '7d', 'guard.event-id': 'field:id',
        'consumer.max.poll.records': '100', 'consumer.fetch.min.bytes': '1', 'producer.linger.ms': '3']
  }

  def "the file's pipeline can be read"() {
    expect:
    properties([:]).names() == ['payments'] as Set
    properties([:]).raw('payments') == [source: 'payments', sinks: 'ledger,notifications']
  }

  def "every pipeline has a name"() {
    expect:
    properties(yaml: ORDERS).names() == ['orders', 'payments'] as Set
  }

  def "of a pipeline that nobody configured nothing is known"() {
    expect:
    properties([:]).raw('nobody') == [:]
  }

  def "a pipeline may have a name that continues another's"() {
    given:
    def properties = properties(map: ['pipelines.payments-eu.source': 'eu'])

    expect:
    properties.names() == ['payments', 'payments-eu'] as Set
    properties.raw('payments-eu') == [source: 'eu']
    properties.raw('payments') == [source: 'payments', sinks: 'ledger,notifications']
  }

  def "a list with the indexes in its keys is a list: #topics"() {
    given:
    def map = ['pipelines.x.source': 's'] + topics.indexed().collectEntries { i, topic -> ["pipelines.x.sinks[$i]".toString(), topic] }

    expect:
    properties(map: map).raw('x').sinks == topics.join(',')

    where:
    topics << [['a'], ['a', 'b'], ['b', 'a'], ['ledger-v2', 'ledger'], (1..12).collect { "t$it" as String }]
  }

  def "a list that a later source sets replaces the file's: #what"() {
    expect:
    properties(sources).raw('payments').sinks == 'x,y'

    where:
    what                | sources
    'by a variable'     | [variables: [PIPELINES_PAYMENTS_SINKS: 'x,y']]
    'by text'           | [map: ['pipelines.payments.sinks': 'x,y']]
  }

  def "a list of a later source replaces the file's"() {
    expect:
    properties(map: ['pipelines.payments.sinks': ['x', 'y']]).raw('payments').sinks == 'x,y'
  }

  def "the variable #variable = #text sets #key"() {
    given:
    def properties = properties(variables: [(variable): text])
    def raw = properties.raw('payments')

    expect:
    properties.names() == ['payments'] as Set
    read(PipelineConfig.parse('payments', raw, 'host')) == value

    where:
    variable                                | text        | key                   | read                             || value
    'PIPELINES_PAYMENTS_WORKERS'            | '4'         | 'workers'             | { it.workers() }                 || 4
    'PIPELINES_PAYMENTS_SOURCE'             | 'x,y'       | 'source'              | { it.source() }                  || ['x', 'y']
    'PIPELINES_PAYMENTS_COMMIT_INTERVAL'    | '50ms'      | 'commit-interval'     | { it.commits().interval() }      || Duration.ofMillis(50)
    'PIPELINES_PAYMENTS_INSTANCE_ID'        | 'east'      | 'instance-id'         | { it.instanceId() }              || 'east'
    'PIPELINES_PAYMENTS_IN_FLIGHT_RECORDS'  | '7'         | 'in-flight-records'   | { it.bounds().records() }        || 7
    'PIPELINES_PAYMENTS_DEAD_LETTERS'       | 'dlq'       | 'dead-letters'        | { it.deadLetters() }             || 'dlq'
    'PIPELINES_PAYMENTS_GUARD_WINDOW'       | '7d'        | 'guard.window'        | { it.guard().window() }          || Duration.ofDays(7)
    'PIPELINES_PAYMENTS_GUARD_EVENT_ID'     | 'field:id'  | 'guard.event-id'      | { it.guard().eventId() }         || ['field:id']
    'PIPELINES_PAYMENTS_GUARD_ON_MISSING_ID' | 'unguarded' | 'guard.on-missing-id' | { it.guard().onMissingId().name() } || 'UNGUARDED'
    'PIPELINES_PAYMENTS_RETRY_MAX_BACKOFF'  | '3s'        | 'retry.max-backoff'   | { it.retry().maxBackoff() }      || Duration.ofSeconds(3)
    'PIPELINES_PAYMENTS_TOPICS_PARTITIONS'  | '5'         | 'topics.partitions'   | { it.topics().partitions() }     || 5
    'PIPELINES_PAYMENTS_CONSUMER_MAX_POLL_RECORDS' | '9'  | 'consumer.max.poll.records' | { it.consumerOverrides() } || ['max.poll.records': '9']
    'PIPELINES_PAYMENTS_PRODUCER_LINGER_MS' | '9'         | 'producer.linger.ms'  | { it.producerOverrides() }       || ['linger.ms': '9']
  }

  def "a variable wins over the file, and the file's other keys stay"() {
    given:
    def raw = properties(yaml: ORDERS, variables: [PIPELINES_ORDERS_COMMIT_INTERVAL: '70ms']).raw('orders')
    def config = PipelineConfig.parse('orders', raw, 'host')

    expect:
    config.commits().interval() == Duration.ofMillis(70)
    config.workers() == 3
    config.sinks() == ['ledger', 'mail']
  }

  def "a variable for a pipeline whose name has a hyphen reaches it: #variable"() {
    given:
    def properties = properties(map: ['pipelines.payments-eu.source': 'eu'], variables: [(variable): '4'])

    expect:
    properties.names() == ['payments', 'payments-eu'] as Set
    PipelineConfig.parse('payments-eu', properties.raw('payments-eu'), 'host').workers() == 4
    PipelineConfig.parse('payments', properties.raw('payments'), 'host').workers() == 1

    where:
    variable << ['PIPELINES_PAYMENTS_EU_WORKERS']
  }

  def "a misspelt variable is refused like a misspelt key"() {
    given:
    def properties = properties(variables: [PIPELINES_PAYMENTS_WORKERZ: '4'])

    when:
    PipelineConfig.parse('payments', properties.raw('payments'), 'host')

    then:
    def e = thrown(ConfigurationException)
    e.message == 'pipelines.payments.workerz = (unknown): there is no such key; did you mean workers?'
  }

  def "what is set for every pipeline makes none, and gives way to what a pipeline says itself"() {
    given:
    def properties = properties(yaml: ORDERS, variables: [
        PIPELINE_DEFAULTS_WORKERS: '7', PIPELINE_DEFAULTS_TRANSACTION_TIMEOUT: '25s', PIPELINE_DEFAULTS_CONSUMER_MAX_POLL_RECORDS: '5'])
    def orders = properties.parse('orders', 'host')
    def payments = properties.parse('payments', 'host')

    expect:
    properties.names() == ['orders', 'payments'] as Set
    payments.workers() == 7
    orders.workers() == 3
    [orders, payments]*.commits()*.transactionTimeout().unique() == [Duration.ofSeconds(25)]
    payments.consumerOverrides() == ['max.poll.records': '5']
    orders.consumerOverrides() == ['max.poll.records': '100', 'fetch.min.bytes': '1']
  }

  def "a wrong value is told by the key that sets it, the pipeline's or the one of all"() {
    when:
    properties(variables: variables).parse('payments', 'host')

    then:
    def e = thrown(ConfigurationException)
    e.message.startsWith(says)

    where:
    variables                                                           || says
    [PIPELINE_DEFAULTS_WORKERS: 'x']                                    || 'pipeline.defaults.workers = x: '
    [PIPELINE_DEFAULTS_WORKERZ: '4']                                    || 'pipeline.defaults.workerz = (unknown): '
    [PIPELINE_DEFAULTS_WORKERS: '4', PIPELINES_PAYMENTS_WORKERS: 'x']   || 'pipelines.payments.workers = x: '
  }
}
