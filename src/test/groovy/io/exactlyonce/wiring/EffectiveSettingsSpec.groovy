package io.exactlyonce.wiring

import io.exactlyonce.cli.Main
import io.exactlyonce.config.PipelineSettings
import io.micronaut.context.ApplicationContext
import io.micronaut.context.env.PropertySource
import io.micronaut.context.env.PropertySource.PropertyConvention
import spock.lang.Specification
import spock.util.environment.RestoreSystemProperties

/** What {@code serve --check} prints. */
class EffectiveSettingsSpec extends Specification {

  List<String> lines(Map file, Map<String, String> variables = [:], Map kafka = [:]) {
    def sources = [PropertySource.of('application', file, -300), PropertySource.of('env', variables, PropertyConvention.ENVIRONMENT_VARIABLE)]
    def environment = ApplicationContext.builder()
        .deduceEnvironment(false)
        .overrideConfigLocations('classpath:no-such-file')
        .environmentPropertySource(false)
        .propertySources(sources as PropertySource[])
        .build().environment
    environment.start()
    try {
      new EffectiveSettings(environment).lines(kafka)
    } finally {
      environment.stop()
    }
  }

  static final ORDERS = ['pipelines.orders.source': 'orders', 'pipelines.orders.sinks': ['shipments', 'invoices']]

  def "every key of a pipeline has a line with its value and where that comes from"() {
    when:
    def said = lines(ORDERS + ['pipelines.orders.guard.window': '48h', 'pipeline.defaults.workers': 3, 'pipelines.orders.producer.linger.ms': 7],
        [PIPELINES_ORDERS_COMMIT_INTERVAL: '80ms', PIPELINES_ORDERS_GUARD_TIMEOUT: '3s'])

    then:
    said.containsAll([
        'pipelines.orders.source = orders (application)',
        'pipelines.orders.sinks = shipments,invoices (application)',
        'pipelines.orders.group = – (default)',
        'pipelines.orders.concurrency = 1 (default)',
        'pipelines.orders.guard.window = 48h (application)',
        'pipelines.orders.workers = 3 (application, pipeline.defaults)',
        'pipelines.orders.commit-interval = 80ms (environment: PIPELINES_ORDERS_COMMIT_INTERVAL)',
        'pipelines.orders.guard.timeout = 3s (environment: PIPELINES_ORDERS_GUARD_TIMEOUT)',
        'pipelines.orders.producer.linger.ms = 7 (application)'])

    and: 'and none is there twice'
    said.size() == PipelineSettings.ALL.size() + 1
  }

  def "what wins is shown, and as its source the one that wins"() {
    expect:
    lines(ORDERS + ['pipelines.orders.workers': 2, 'pipeline.defaults.workers': 3], [PIPELINES_ORDERS_WORKERS: '4'])
        .findAll { it.startsWith('pipelines.orders.workers ') } == ['pipelines.orders.workers = 4 (environment: PIPELINES_ORDERS_WORKERS)']
  }

  def "no line holds a secret, whichever key it stands at"() {
    given:
    def jaas = 'org.apache.kafka.common.security.plain.PlainLoginModule required username="u" password="hunter22";'

    when:
    def said = lines(ORDERS + ['redis.uri': 'redis://:hunter22@localhost:6379', 'kafka.sasl.jaas.config': jaas, 'pipelines.orders.producer.metric.x': 'hunter22'],
        [:], ['sasl.jaas.config': jaas, 'bootstrap.servers': 'localhost:9092'])

    then:
    said.contains('redis.uri = *** (application)')
    said.contains('kafka.sasl.jaas.config = *** (application)')
    said.contains('kafka.bootstrap.servers = localhost:9092 (default)')
    said.every { !it.contains('hunter22') }
  }

  @RestoreSystemProperties
  def "serve --check ends with 0 and the lines, or with 2 and the one line that says what is wrong"() {
    given:
    def out = new StringWriter()
    def err = new StringWriter()
    System.setProperty('pipelines.checked.source', 'checked')
    System.setProperty('pipelines.checked.workers', workers)
    System.setProperty('kafka.bootstrap.servers', '127.0.0.1:1')
    System.setProperty('redis.uri', 'redis://127.0.0.1:1')

    when:
    def status = Main.line('serve').setOut(new PrintWriter(out)).setErr(new PrintWriter(err)).execute('serve', '--check')

    then:
    status == expected
    out.toString().contains('pipelines.checked.workers = 2 (-Dpipelines.checked.workers)') == (expected == 0)
    err.toString().startsWith('pipelines.checked.workers = many: is not a whole number') == (expected == 2)

    where:
    workers || expected
    '2'     || 0
    'many'  || 2
  }
}
