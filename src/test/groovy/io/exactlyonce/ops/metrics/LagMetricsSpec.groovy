package io.exactlyonce.ops.metrics

import io.exactlyonce.lag.GroupLag
import io.exactlyonce.lag.LagSeconds
import io.exactlyonce.lag.LagState
import io.exactlyonce.lag.PartitionLag
import io.exactlyonce.lag.Trend
import io.exactlyonce.manual.Manual
import io.exactlyonce.wiring.PipelineProperties
import io.micrometer.core.instrument.simple.SimpleMeterRegistry
import io.micronaut.context.ApplicationContext
import io.micronaut.context.env.Environment
import io.micronaut.context.env.PropertySource
import org.apache.kafka.common.TopicPartition
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

  def "only so many partitions have series of their own, and all count in the pipeline's"() {
    given:
    int more = LagMetrics.MAX_PARTITIONS + 500

    when:
    metrics.show([lag(0..<more)])

    then: 'the bound is what the manual says'
    ['pipeline.lag.records', 'pipeline.lag.seconds', 'pipeline.lag.held.back.records'].every { registry.find(it).gauges().size() == LagMetrics.MAX_PARTITIONS }
    value('pipeline.lag.sum.records') == more
    Manual.read().text.contains(String.format('At most %,d partitions', LagMetrics.MAX_PARTITIONS))

    when: 'most of them are gone'
    metrics.show([lag(1..3)])

    then: 'so are their series'
    registry.find('pipeline.lag.records').gauges()*.id*.getTag('partition').toSet() == ['1', '2', '3'] as Set
    value('pipeline.lag.sum.records') == 3
  }

  /** One record waits in each partition. */
  static GroupLag lag(Range<Integer> partitions) {
    new GroupLag('p', 'p', Instant.EPOCH, partitions.collect {
      new PartitionLag(new TopicPartition('in', it), LagState.OK, '', 1, LagSeconds.NONE, new Trend(0, null), 0, null, 0, 0)
    }, '', null)
  }
}
