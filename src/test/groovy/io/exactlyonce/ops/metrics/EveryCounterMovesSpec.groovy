package io.exactlyonce.ops.metrics

import io.exactlyonce.engine.PipelineSpec
import io.exactlyonce.handler.Handler
import io.exactlyonce.handler.Outcome
import io.exactlyonce.handler.Output
import io.exactlyonce.local.Await
import io.exactlyonce.local.KafkaHelper
import io.exactlyonce.local.LocalFiles
import io.exactlyonce.local.LocalKafka
import io.exactlyonce.local.LocalPorts
import io.exactlyonce.local.LocalRedis
import io.exactlyonce.local.LostAnswers
import io.exactlyonce.wiring.TestPipeline
import io.lettuce.core.RedisClient
import org.apache.kafka.clients.admin.RecordsToDelete
import org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions
import org.apache.kafka.clients.producer.ProducerRecord
import org.apache.kafka.common.TopicPartition
import org.apache.kafka.common.protocol.ApiKeys
import spock.lang.Tag

import java.util.concurrent.CountDownLatch
import java.util.concurrent.atomic.AtomicInteger

/** Each counter and timer of a pipeline moves in one of these scenarios, on real backends; a new one needs one too. */
@Tag('long')
class EveryCounterMovesSpec extends PipelineSpec {

  /** By the meter's name without `pipeline.`, behind it the value of its label. */
  static final Map<String, List<String>> MOVES = [
    'each outcome'                       : ['read', 'outputs', 'commits', 'records processed', 'records skipped', 'records duplicate',
                                            'records dead_letter', 'rebalances', 'rebalance.partitions assigned', 'rebalance.seconds', 'commit.seconds', 'claim.seconds',
                                            'handler.seconds', 'end.to.end.seconds'],
    'a handler that throws'              : ['handler.failures', 'retries', 'records passed'],
    'a retry topic'                      : ['records delayed'],
    'an effect before a failure'         : ['effects call', 'effects memory'],
    'a second worker'                    : ['rebalance.partitions revoked'],
    'a group that removes its members'   : ['rebalance.partitions lost', 'aborts rebalance'],
    'producers that are fenced'          : ['aborts fenced', 'rebuilds'],
    'an output that its topic refuses'   : ['aborts record'],
    'a log that is cut'                  : ['aborts topic'],
    'a Redis that is emptied'            : ['aborts guard'],
    'a Redis that hangs, with bypass'    : ['claim.failures', 'unguarded'],
    'a stop of at-most-once'             : ['lost'],
    'a Kafka that hangs'                 : ['aborts timeout'],
    'an answer to a commit that is lost' : ['unknown.commits'],
  ]

  /** Is there so that a failure that no rule foresees is counted; a scenario for it would be a rule. */
  static final List<String> UNFORESEEN = ['aborts other']

  final gate = new CountDownLatch(1)
  final calls = new AtomicInteger()

  Map<String, Long> values(TestPipeline running) {
    def counters = running.pipeline().counters()
    PipelineMetrics.COUNTERS.collectEntries { [([it.meter() - 'pipeline.'] + it.tags()*.value).join(' '), it.counter().apply(counters).sum()] } +
        TimerMetrics.TIMERS.collectEntries { [it.meter() - 'pipeline.', it.of().apply(counters).snapshot().count()] }
  }

  List<String> unmoved(TestPipeline running, String scenario) {
    def now = values(running)
    MOVES[scenario].findAll { now[it] == 0 }
  }

  def "every counter and timer has a scenario that moves it"() {
    given:
    def running = run()

    expect:
    (MOVES.values().flatten() + UNFORESEEN).sort() == values(running).keySet().sort()
  }

  def "#scenario moves #counters"() {
    given:
    def running = steps().get(scenario).call()

    when:
    Await.within(BOUND) { unmoved(running, scenario).empty }

    then:
    unmoved(running, scenario) == []

    cleanup:
    gate.countDown()

    where:
    scenario << MOVES.keySet()
    counters = MOVES[scenario].size() > 3 ? 'most' : MOVES[scenario]
  }

  Map<String, Closure<TestPipeline>> steps() {
    [
      'each outcome'                      : this.&outcomes,
      'a handler that throws'             : { copying(['retry.attempts': 2, 'retry.on-exhausted': 'skip'], ['a']) { throw new IllegalStateException('always') } },
      'a retry topic'                     : { copying(['retry.attempts': 1, 'retry.topics': '200ms', ordering: 'none'], ['a']) { if (calls.incrementAndGet() == 1) throw new IllegalStateException('once') } },
      'an effect before a failure'        : { copying([:], ['a']) { it.effects().once('call', { 'made' }); if (calls.incrementAndGet() == 1) throw new IllegalStateException('once') } },
      'a second worker'                   : { copying([:], ['a']).tap { awaitDrained(); it.pipeline().scale(2) } },
      'a group that removes its members'  : { copying(['consumer.heartbeat.interval.ms': 300], ['a']).tap { awaitDrained(); admin.removeMembersFromConsumerGroup(name, new RemoveMembersFromConsumerGroupOptions()).all().get() } },
      'producers that are fenced'         : this.&fenced,
      'an output that its topic refuses'  : { kafka.configure(sink, 'max.message.bytes', '5000'); copying([:], ['z' * 20_000]) },
      'a log that is cut'                 : this.&cut,
      'a Redis that is emptied'           : this.&emptied,
      'a Redis that hangs, with bypass'   : this.&bypassed,
      'a stop of at-most-once'            : this.&stopped,
      'a Kafka that hangs'                : this.&hanging,
      'an answer to a commit that is lost': this.&unanswered,
    ]
  }

  /** Runs a copy on the shared backends, with a step before each event, and produces these. */
  TestPipeline copying(Map settings, List<String> values, Closure<?> before = {}) {
    String to = sink
    def running = run(settings, { event -> before(event); Outcome.emit(Output.to(to, event.key(), event.value())) } as Handler<String>)
    produce(values.collect { record(it, id: it.take(10), partition: 0) })
    running
  }

  TestPipeline outcomes() {
    String to = sink
    def running = run([:], { event ->
      event.value() == 'skip' ? Outcome.skip('so') : event.value() == 'bad' ? Outcome.deadLetter('so') : Outcome.emit(Output.to(to, event.key(), event.value()))
    } as Handler<String>)
    produce(['good', 'good', 'skip', 'bad'].collect { record(it) })
    running
  }

  TestPipeline fenced() {
    def running = copying([:], ['a'])
    awaitDrained()
    admin.fenceProducers(['a', 'b'].collect { running.pipeline().config().transactionalId(0, it) }).all().get()
    produce([record('b')])
    running
  }

  TestPipeline cut() {
    def begun = new CountDownLatch(1)
    def running = copying(['in-flight-records': 1, 'consumer.max.poll.records': 1], ['a', 'b', 'c', 'd', 'e']) { begun.countDown(); gate.await() }
    begun.await()
    await(BOUND) { assert workers(running)*.inFlight()*.paused().sum() > 0 }
    produce((0..<4).collect { record("v$it", partition: 0) })
    admin.deleteRecords([(new TopicPartition(source, 0)): RecordsToDelete.beforeOffset(8)]).all().get()
    gate.countDown()
    running
  }

  LocalRedis ownRedis() {
    LocalRedis.start().tap { opened << it }
  }

  TestPipeline onRedis(LocalRedis redis, Map settings) {
    def all = [source: source, sinks: sink, 'guard.timeout': '300ms'] + settings
    TestPipeline.start(name, all.collectEntries { k, v -> [k, v.toString()] }, copy(), bootstrapServers, redis.uri()).tap { opened << it }
  }

  TestPipeline emptied() {
    def redis = ownRedis()
    def client = RedisClient.create(redis.uri())
    opened << ({ client.shutdown() } as AutoCloseable)
    def running = onRedis(redis, [:])
    int round = 0
    await(BOUND) {
      produce((0..<200).collect { record("v${round}-$it", partition: it % 3) })
      client.connect().sync().flushall()
      awaitDrained()
      round++
      assert unmoved(running, 'a Redis that is emptied').empty
    }
    running
  }

  TestPipeline bypassed() {
    def redis = ownRedis()
    def running = onRedis(redis, ['guard.on-failure': 'bypass'])
    produce([record('a')])
    awaitDrained()
    redis.pause()
    produce([record('b')])
    awaitDrained()
    redis.resume()
    running
  }

  TestPipeline stopped() {
    def running = copying([delivery: 'at-most-once', 'guard.store': 'off', 'drain-timeout': '500ms', 'stop-timeout': '90s'], ['a']) { gate.await() }
    await(BOUND) { assert lag() == 0 }
    running.close()
    running
  }

  /** A pipeline on a broker of its own, by way of a proxy that can lose answers. */
  TestPipeline onKafka(Closure<?> then) {
    int behind = LocalPorts.free(1)[0]
    def broker = LocalKafka.start(LocalFiles.freshDirectory('counters'), ['advertised.listeners': "PLAINTEXT://127.0.0.1:$behind".toString()])
    def proxy = new LostAnswers(behind, broker.bootstrapServers().split(':')[1] as int)
    def helper = new KafkaHelper(broker.bootstrapServers())
    opened.addAll([broker, proxy, helper])
    helper.createTopic(source, 1, [:])
    def settings = [source: source, sinks: sink, 'guard.store': 'off', 'transaction-timeout': '6s', 'drain-timeout': '3s']
    String to = sink
    def handler = { event -> if (event.value() == 'waits') gate.await(); Outcome.emit(Output.to(to, event.key(), event.value())) } as Handler<String>
    def running = TestPipeline.start(name, settings, handler, "127.0.0.1:$behind", redisUri)
    opened << running
    def produce = { String value -> helper.produce([new ProducerRecord<byte[], byte[]>(source, 'k'.bytes, value.bytes)]) }
    produce('first')
    await(BOUND) { assert running.pipeline().counters().commits.sum() > 0 }
    then(broker, proxy, produce)
    running
  }

  TestPipeline hanging() {
    onKafka { LocalKafka broker, LostAnswers proxy, produce ->
      produce('waits')
      broker.node(0).pause()
      gate.countDown()
      opened << ({ broker.node(0).resume() } as AutoCloseable)
    }
  }

  TestPipeline unanswered() {
    onKafka { LocalKafka broker, LostAnswers proxy, produce ->
      proxy.lose(ApiKeys.END_TXN.id)
      produce('second')
    }
  }
}
