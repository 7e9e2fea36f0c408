package io.exactlyonce.engine

import io.exactlyonce.engine.spi.InputCodec
import io.exactlyonce.engine.status.PipelineState
import io.exactlyonce.wiring.TestPipeline
import spock.lang.Tag

import java.time.Duration

/** A network that is cut off takes the brokers' names along: what is made meanwhile finds none of them. */
class UnresolvedNamesSpec extends PipelineSpec {

  static final String NOWHERE = 'broker.invalid:9092'

  Map<String, Object> network

  def setup() {
    network = Collections.synchronizedMap(['bootstrap.servers': (Object) bootstrapServers])
  }

  TestPipeline started(Map<String, String> settings) {
    def all = [source: source, sinks: sink] + settings
    def running = TestPipeline.start(name, all, copy(), { new String(it.value()) } as InputCodec<String>, network, redisUri)
    opened << running
    running
  }

  @Tag('long')
  def "a worker whose producers have to be made anew meanwhile waits for the names, and goes on"() {
    given:
    def running = started([:])
    awaitRunning(running, 1)
    produce((0..<100).collect { record("a$it", partition: it % 3) })
    awaitDrained()

    when: 'it loses its transactional ids'
    network['bootstrap.servers'] = NOWHERE
    admin.fenceProducers(["${name}.test-0-a", "${name}.test-0-b"]*.toString()).all().get()
    produce((0..<100).collect { record("b$it", partition: it % 3) })

    then:
    await(BOUND) { assert workers(running)[0].trouble().contains("bootstrap.servers = $NOWHERE cannot be resolved") }

    when:
    network['bootstrap.servers'] = bootstrapServers
    awaitDrained()

    then:
    visible() == (0..<100).collectMany { ["a$it", "b$it"]*.toString() }.sort()
    guarantees.receiptsJoin()

    and: 'by the same worker'
    awaitRunning(running, 1)
    workers(running)[0].failures().count() == 0
  }

  def "where a consumer alone does not find them, its worker is started again, beyond restart.failures"() {
    when:
    def running = started(['restart.failures': '2', 'restart.backoff': '10ms', 'restart.max-backoff': '20ms',
                           'consumer.bootstrap.servers': NOWHERE])

    then:
    await(BOUND) { assert workers(running)[0]?.failures()?.count() >= 5 }
    workers(running)[0].failures().last().contains("bootstrap.servers = $NOWHERE")
  }

  @Tag('long')
  def "who waits for a namesake's session to end waits anew behind an outage: the broker begins it anew too"() {
    given:
    awaitRunning(started(['consumer.session.timeout.ms': '6000']), 1)
    def second = started(['consumer.session.timeout.ms': '6000'])
    def waits = { second.pipeline().status().trouble().contains('waiting for the session') }
    def ended = { second.pipeline().status().state() == PipelineState.FAILED }
    await(BOUND) { assert waits() }
    long seen = System.nanoTime()

    when: 'the names are gone until that session and its grace would have passed'
    network['bootstrap.servers'] = NOWHERE
    await(BOUND) { assert second.pipeline().status().trouble().contains(NOWHERE) }
    await(BOUND) { assert System.nanoTime() - seen > Duration.ofSeconds(12).toNanos() }
    network['bootstrap.servers'] = bootstrapServers

    then: 'it does not end at the first look'
    await(BOUND) { assert waits() || ended() }
    !ended()

    and: 'but at the last'
    await(BOUND) { assert ended() }
  }

  @Tag('long')
  def "a worker that starts meanwhile is started again, beyond restart.failures: #settings"() {
    given:
    def running = started(['restart.failures': '2', 'restart.backoff': '10ms', 'restart.max-backoff': '20ms'] + settings)
    awaitRunning(running, 1)

    when:
    network['bootstrap.servers'] = NOWHERE
    running.pipeline().scale(2)

    then:
    await(BOUND) { assert workers(running)[1]?.failures()?.count() >= 5 }
    workers(running)[1].failures().last().contains(NOWHERE)

    when:
    network['bootstrap.servers'] = bootstrapServers

    then:
    awaitRunning(running, 2)

    where:
    settings << [[:], [delivery: 'at-least-once'], ['group-protocol': 'consumer', membership: 'static']]
  }
}
