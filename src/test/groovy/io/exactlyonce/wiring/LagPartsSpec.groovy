package io.exactlyonce.wiring

import io.exactlyonce.config.PipelineConfig
import io.exactlyonce.engine.PipelineSpec
import io.exactlyonce.handler.Handler
import io.exactlyonce.handler.Outcome
import io.exactlyonce.lag.LagMonitor
import io.exactlyonce.lag.LagSeconds
import io.exactlyonce.lag.LagState
import io.exactlyonce.local.AnotherServer
import org.apache.kafka.common.TopicPartition
import spock.lang.Tag

import java.util.concurrent.CountDownLatch

/** The lag monitor as the application puts it together. */
class LagPartsSpec extends PipelineSpec {

  CountDownLatch go = new CountDownLatch(1)

  def cleanup() {
    go.countDown()
  }

  LagMonitor monitor(List<PipelineConfig> configs, Closure running, String servers = bootstrapServers) {
    def monitor = LagParts.monitor(configs, ['bootstrap.servers': servers], running)
    opened << monitor
    monitor.start()
    monitor
  }

  @Tag('long')
  def "several pipelines share one monitor, which asks the workers of each for their oldest record"() {
    given:
    def handler = { event -> go.await(); Outcome.skip('seen') } as Handler<String>
    def running = run(['lag.check-every': '1s', concurrency: '2', 'stop-timeout': '2s', 'drain-timeout': '1s'], handler)
    awaitRunning(running, 1)
    def other = PipelineConfig.parse("$name-b", [source: source, 'lag.check-every': '1h'], 'spec')
    def monitor = monitor([running.pipeline().config(), other]) { [running.pipeline()] }
    await(BOUND) { assert monitor.latest().size() == 2 && monitor.latest().every { it.measured } }

    when: 'a record comes behind the first check: samples reach back to it, and are not asked'
    produce([record('v0', partition: 1)])
    def at = { int pipeline -> monitor.latest()[pipeline].partitions().find { it.partition() == new TopicPartition(source, 1) } }

    then:
    await(BOUND) { assert at(0).records() == 1 && at(0).seconds().kind() == LagSeconds.Kind.EXACT && at(0).seconds().value() > 1.5 }
    at(0).state() != LagState.STOPPED

    and: 'no worker here has it of the other pipeline, which nobody runs'
    at(1).seconds().kind() == LagSeconds.Kind.INTERPOLATED
    at(1).state() == LagState.STOPPED
  }

  def "where another server listens the lag cannot be measured, and it says what listens"() {
    given:
    def other = new AnotherServer()
    opened << other
    def config = PipelineConfig.parse(name, [source: source, 'lag.check-every': '1s'], 'spec')

    when:
    def monitor = monitor([config], { [] }, other.address())

    then:
    await(BOUND) { assert monitor.latest().size() == 1 }
    monitor.latest()[0].cannotMeasure().contains("${other.address()} does not speak Kafka but HTTP")
  }
}
