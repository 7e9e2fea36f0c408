package io.exactlyonce.ops.metrics

import io.exactlyonce.lag.GroupLag
import io.exactlyonce.wiring.PipelineProperties
import io.micrometer.core.instrument.simple.SimpleMeterRegistry
import io.micronaut.context.ApplicationContext
import io.micronaut.context.env.Environment
import io.micronaut.context.env.PropertySource
import spock.lang.Specification

import java.time.Instant

/** The gauges of whole pipelines before, between and during what the monitor finds. */
class LagMetricsSpec extends Specification {

  static final List<String> AMOUNTS = ['pipeline.lag.sum.records', 'pipeline.lag.max.seconds', 'pipeline.lag.lost.records', 'pipeline.lag.overdue.transaction.seconds']

  def registry = new SimpleMeterRegistry()
  def metrics = new LagMetrics(new PipelineProperties(environment()), null)

  def setup() {
    metrics.bindTo(registry)
  }

  Environment environment() {
    def environment = ApplicationContext.builder()
        .deduceEnvironment(false)
        .overrideConfigLocations('classpath:no-such-file')
        .propertySources(PropertySource.of('map', ['pipelines.p.source': 'in', 'pipelines.p.sinks': 'out'] as Map<String, Object>))
        .build().environment
    environment.start()
  }

  void found(String cannotMeasure) {
    metrics.show([new GroupLag('p', 'p', Instant.EPOCH, [], cannotMeasure, Instant.EPOCH)])
  }

  double value(String meter) {
    registry.get(meter).tag('pipeline', 'p').gauge().value()
  }

  def "a lag that nobody has measured is no lag of 0"() {
    expect:
    AMOUNTS.every { value(it).naN }
    value('pipeline.lag.measured') == 0

    when:
    found('')

    then:
    AMOUNTS.every { value(it) == 0 }
    value('pipeline.lag.measured') == 1

    when:
    found('Kafka at nowhere:9092 does not answer')

    then:
    AMOUNTS.every { value(it).naN }
    value('pipeline.lag.measured') == 0
  }
}
