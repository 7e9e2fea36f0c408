package io.exactlyonce.engine

import io.exactlyonce.engine.status.PipelineState
import io.exactlyonce.wiring.TestPipeline
import org.apache.kafka.clients.consumer.CloseOptions
import org.apache.kafka.clients.consumer.KafkaConsumer
import org.apache.kafka.common.serialization.ByteArrayDeserializer
import spock.lang.Tag

import java.time.Duration

import static org.apache.kafka.clients.consumer.CloseOptions.GroupMembershipOperation.LEAVE_GROUP

/** Who is in the group under which name, and what the broker makes of it when an instance stops. */
class MembershipSpec extends OwnBackendsSpec {

  TestPipeline instance(Map<String, String> settings, String id) {
    def sessions = settings['group-protocol'] == 'consumer' ? [:]
        : ['consumer.session.timeout.ms': '6000', 'consumer.heartbeat.interval.ms': '500']
    run(sessions + settings + ['instance-id': id], copy())
  }

  Map<String, String> on(String protocol, String membership) {
    ['group-protocol': protocol, membership: membership]
  }

  /** How often the broker has made the group anew. */
  int rebalances() {
    def epoch = admin.describeConsumerGroups([name]).all().get()[name].groupEpoch()
    def stabilized = own.kafka().node(0).lines().count { it.contains('Stabilized group ' + name + ' ') }
    stabilized > 0 ? stabilized : epoch.get()
  }

  @Tag('long')
  def "a static instance that restarts within its session finds its partitions, and nobody rebalances (#protocol)"() {
    given:
    def first = instance(on(protocol, 'static'), 'a')
    def second = instance(on(protocol, 'static'), 'b')
    awaitShared(2)
    produce((0..<300).collect { record("v$it", partition: it % 3) })
    awaitDrained()
    def (before, shared) = [rebalances(), assignment()]

    when:
    first.close()

    then: 'its place is kept'
    assignment() == shared

    when:
    instance(on(protocol, 'static'), 'a')
    produce((300..<600).collect { record("v$it", partition: it % 3) })
    awaitDrained()

    then:
    rebalances() == before
    assignment() == shared
    visible().size() == 600
    guarantees.receiptsJoin()

    where:
    protocol << ['classic', 'consumer']
  }

  @Tag('long')
  def "a static instance that stopped before its first record is not taken for one that was killed (#protocol)"() {
    given:
    def first = instance(on(protocol, 'static'), 'a')
    await(BOUND) { assert assignment().size() == 1 }

    when:
    first.close()
    def again = instance(on(protocol, 'static'), 'a')
    def waited = []
    await(BOUND) { waited << again.pipeline().status().trouble(); assert again.pipeline().status().state() == PipelineState.RUNNING }
    produce((0..<30).collect { record("v$it", partition: it % 3) })
    awaitDrained()

    then:
    !waited.any { it.contains('to end: it was killed') }
    visible().size() == 30
    guarantees.receiptsJoin()

    where:
    protocol << ['classic', 'consumer']
  }

  @Tag('long')
  def "a dynamic instance that stops leaves at once (#protocol)"() {
    given:
    def first = instance(on(protocol, 'dynamic'), 'a')
    instance(on(protocol, 'dynamic'), 'b')
    awaitShared(2)

    when:
    first.close()

    then: 'the broker knows when it is closed, not when its session ends'
    members()*.clientId() == ["$name-b-0"]

    and:
    await(BOUND) { assert assignment() == [("$name-b-0".toString()): [0, 1, 2] as Set] }

    where:
    protocol << ['classic', 'consumer']
  }

  @Tag('long')
  def "the second process under one instance id ends with a message; the first goes on undisturbed (#protocol, #membership)"() {
    given:
    def first = instance(on(protocol, membership), 'a')
    produce((0..<300).collect { record("v$it", partition: it % 3) })
    awaitDrained()
    def (rebuilds, before) = [first.pipeline().counters().rebuilds.sum(), rebalances()]

    when:
    def second = instance(on(protocol, membership), 'a')

    then: 'it waits for as long as a killed predecessor would be in the group'
    await(BOUND) { assert second.pipeline().status().state() == PipelineState.WAITING && second.pipeline().status().trouble().contains("$name-a-0") }

    when:
    await(BOUND) { assert second.pipeline().status().state() == PipelineState.FAILED }
    produce((300..<600).collect { record("v$it", partition: it % 3) })
    awaitDrained()

    then:
    second.pipeline().status().trouble().contains('instance-id = a: another process runs')
    second.pipeline().status().trouble().contains('PIPELINE_INSTANCE_ID')
    first.pipeline().counters().rebuilds.sum() == rebuilds
    rebalances() == before
    visible().size() == 600

    where:
    [protocol, membership] << cases([['classic', 'static'], ['consumer', 'static']], [['classic', 'dynamic'], ['consumer', 'dynamic']])
  }

  def "a worker whose place is still held is started again until it is free, beyond restart.failures"() {
    given:
    def running = instance(on('consumer', 'static') + ['restart.failures': '2', 'restart.backoff': '10ms', 'restart.max-backoff': '20ms'], 'a')
    awaitRunning(running, 1)

    and: 'somebody at the place of its second worker'
    def held = "$name-a-1".toString()
    def holder = new KafkaConsumer<>(['bootstrap.servers': bootstrapServers, 'group.id': name, 'group.protocol': 'consumer',
                                      'client.id': held, 'group.instance.id': held], new ByteArrayDeserializer(), new ByteArrayDeserializer())
    opened << holder
    holder.subscribe([source])
    await(BOUND) { holder.poll(Duration.ofMillis(50)); assert members()*.clientId().contains(held) }

    when:
    running.pipeline().scale(2)

    then:
    await(BOUND) { assert workers(running)[1]?.failures()?.count() >= 5 }
    workers(running)[1].failures().last().contains('another process runs')

    when:
    holder.close(CloseOptions.groupMembershipOperation(LEAVE_GROUP))

    then:
    awaitRunning(running, 2)
  }

  @Tag('long')
  def "a killed instance does not lock its successor out for longer than its session (#protocol, #membership)"() {
    given:
    def first = worker(on(protocol, membership), 'a')
    pour(3_000)
    awaitCommitted(1_000)

    when:
    first.kill()
    def successor = worker(on(protocol, membership), 'a')
    await(BOUND) { assert members().any { it.clientId() == "$name-a-0" && it.assignment().topicPartitions().size() == 3 } && committed() > 1_100 }

    then: 'or it would have ended with a message, as a second process does'
    everyEventOnce()
    successor.alive

    where:
    [protocol, membership] << cases([['classic', 'static']], [['classic', 'dynamic'], ['consumer', 'dynamic'], ['consumer', 'static']])
  }

  @Tag('long')
  def "two processes that start under one id at the same moment do not fence each other for ever (#protocol, #membership)"() {
    when:
    def both = (1..2).collect { instance(on(protocol, membership) + ['guard.store': 'off'], 'a') }
    def n = 0
    await(BOUND) {
      produce([record("v${n++}", partition: n % 3)])
      assert both.any { it.pipeline().status().toString().contains('PIPELINE_INSTANCE_ID') }
    }
    awaitDrained()

    then: 'one of them ended and says why; each event is there once'
    visible() == (0..<n).collect { "v$it".toString() }.sort()
    guarantees.receiptsJoin()

    where:
    [protocol, membership] << cases([['classic', 'dynamic'], ['classic', 'static']], [['consumer', 'dynamic'], ['consumer', 'static']])
  }
}
