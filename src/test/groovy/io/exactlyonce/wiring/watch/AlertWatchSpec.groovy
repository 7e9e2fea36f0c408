package io.exactlyonce.wiring.watch

import com.sun.net.httpserver.HttpExchange
import com.sun.net.httpserver.HttpServer
import groovy.json.JsonOutput
import groovy.json.JsonSlurper
import io.exactlyonce.alert.Webhook
import io.exactlyonce.alert.WebhookForm
import io.exactlyonce.engine.PipelineSpec
import io.exactlyonce.handler.Handler
import io.exactlyonce.handler.Outcome
import io.exactlyonce.wiring.LagParts
import io.exactlyonce.wiring.TestPipeline
import spock.lang.Tag

import java.time.Clock
import java.time.Duration
import java.util.concurrent.ConcurrentLinkedQueue
import java.util.concurrent.CountDownLatch

/** Who of a group's instances tells the operator what. */
@Tag('long')
class AlertWatchSpec extends PipelineSpec {

  def told = new ConcurrentLinkedQueue<Map>()
  def go = new CountDownLatch(1)
  HttpServer receiver

  def setup() {
    receiver = HttpServer.create(new InetSocketAddress('127.0.0.1', 0), 0)
    receiver.createContext('/') { HttpExchange exchange ->
      told << (new JsonSlurper().parseText(exchange.requestBody.text) as Map)
      exchange.sendResponseHeaders(204, -1)
      exchange.close()
    }
    receiver.start()
  }

  def cleanup() {
    go.countDown()
    receiver.stop(0)
  }

  /** An instance of the group, with its monitor and its way to the receiver. */
  TestPipeline start(String instance, Handler<String> handler, Map<String, String> more = [:]) {
    def running = run(['instance-id': instance, 'lag.check-every': '1s', 'alerts.lag.warning-records': '5', 'stop-timeout': '2s', 'drain-timeout': '1s'] + more, handler)
    def config = running.pipeline().config()
    def webhook = new Webhook(new URI("http://127.0.0.1:$receiver.address.port/"), { JsonOutput.toJson(WebhookForm.JSON.fields(it)) }, Duration.ofMillis(100))
    def watch = new AlertWatch([config], { [running.pipeline()] }, Optional.of(webhook), Clock.systemUTC())
    def monitor = LagParts.monitor([config], ['bootstrap.servers': bootstrapServers], { [running.pipeline()] })
    monitor.onChecked(watch)
    opened << watch << monitor
    monitor.start()
    running
  }

  String speaker(List<TestPipeline> instances) {
    instances.find { it.pipeline().status().workers()*.partitions().flatten().contains("$source-0".toString()) }.pipeline().config().instanceId()
  }

  List<List> told() {
    new ArrayList<>(told).collect { [it.event, it.alert, it.instance] }
  }

  def "a lag that all instances see is told by one, which owns partition 0 of the first source, and so is its end"() {
    given:
    def standing = { event -> go.await(); Outcome.skip('seen') } as Handler<String>
    def instances = ['a', 'b'].collect { start(it, standing) }
    await(BOUND) { assert instances.every { it.pipeline().status().ready } && instances.every { it.pipeline().status().workers()*.partitions().flatten() } }
    def speaker = speaker(instances)

    when:
    produce((0..<30).collect { record("v$it", partition: it % 3) })
    await(BOUND) { assert told().contains(['raised', 'PipelineLag', speaker]) }
    go.countDown()
    await(BOUND) { assert told().contains(['resolved', 'PipelineLag', speaker]) }

    then:
    told().findAll { it[1] == 'PipelineLag' } == [['raised', 'PipelineLag', speaker], ['resolved', 'PipelineLag', speaker]]
    told.find { it.alert == 'PipelineLag' }.reason.startsWith('30 records, ')
  }

  def "what an instance alone knows it tells itself: a partition that waits for a decision"() {
    given:
    def picky = { event -> if (event.value() == 'bad') { throw new IOException('never') }; Outcome.skip('seen') } as Handler<String>
    def stop = ['retry.on-exhausted': 'stop', 'retry.attempts': '1']
    def instances = ['a', 'b'].collect { start(it, picky, stop) }
    await(BOUND) { assert instances.every { it.pipeline().status().ready } && instances.every { it.pipeline().status().workers()*.partitions().flatten() } }
    def other = instances.find { it.pipeline().config().instanceId() != speaker(instances) }
    int partition = other.pipeline().status().workers()*.partitions().flatten().first().tokenize('-').last() as int

    when:
    produce([record('bad', partition: partition)])

    then:
    await(BOUND) { assert told().contains(['raised', 'PipelinePartitionStopped', other.pipeline().config().instanceId()]) }
    told.find { it.alert == 'PipelinePartitionStopped' }.reason.contains("$source-$partition@0")
  }

  def "where nobody owns partition 0, an instance that is left tells what it sees"() {
    given:
    def alone = start('a', { event -> Outcome.skip('seen') } as Handler<String>)
    awaitRunning(alone, 1)

    when: 'its workers are gone, its monitor is not'
    alone.pipeline().close()
    produce((0..<30).collect { record("v$it", partition: it % 3) })

    then:
    await(BOUND) { assert told().contains(['raised', 'PipelineLag', 'a']) }
    told.find { it.alert == 'PipelineLag' }.reason.contains('STOPPED')
  }
}
