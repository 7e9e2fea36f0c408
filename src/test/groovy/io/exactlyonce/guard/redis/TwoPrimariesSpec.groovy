package io.exactlyonce.guard.redis

import io.exactlyonce.engine.PipelineSpec
import io.exactlyonce.engine.status.WorkerState
import io.exactlyonce.guard.claimlog.KafkaClaimLog
import io.exactlyonce.local.LocalRedis
import io.exactlyonce.receipt.Generation
import io.exactlyonce.receipt.HandMadePipeline
import io.exactlyonce.receipt.Receipt
import io.exactlyonce.receipt.Receipts
import io.exactlyonce.receipt.audit.report.Finding
import io.exactlyonce.wiring.TestPipeline
import io.lettuce.core.RedisClient
import io.lettuce.core.api.sync.RedisCommands
import org.apache.kafka.clients.producer.KafkaProducer
import org.apache.kafka.clients.producer.ProducerRecord
import org.apache.kafka.common.serialization.ByteArraySerializer
import spock.lang.AutoCleanup
import spock.lang.Tag

import java.nio.file.Path

/**
 * Two instances of a group that reach two Redis servers: the log says which generation of claims is
 * the newest, and nobody claims under another. What there is to see of it: {@code ProtocolSpec} has
 * the same in every order of steps.
 */
class TwoPrimariesSpec extends PipelineSpec {

  static final Map QUICK = ['guard.timeout': '2s', 'transaction-timeout': '6s', 'drain-timeout': '3s']

  List<LocalRedis> servers = []
  List<RedisClient> clients = []

  @AutoCleanup
  KafkaProducer<byte[], byte[]> announcer

  def cleanup() {
    clients*.shutdown()
    opened.reverse()*.close()
    opened.clear()
    servers*.close()
  }

  @Tag('long')
  def "two instances on two Redis servers: each event once, and one of them is unready and says why"() {
    given:
    def here = redis('here')
    def there = redis('there')
    def one = instance('a', here)
    def sent = (0..<30).collect { "v$it".toString() }
    produce(sent.withIndex().collect { v, i -> record(v, partition: i % 3) })
    awaitDrained()

    when: 'the second finds its Redis empty and rebuilds; what comes again comes to both'
    def two = instance('b', there)
    await(BOUND) { assert generation(there) != '' }
    produce(again(sent))
    produce((30..<60).collect { record("v$it", partition: it % 3) })
    await(BOUND) { assert [one, two].any { trouble(it).contains('no claims are made in it') } }

    then: 'it names the server, both generations and what to do'
    def unready = [one, two].find { trouble(it).contains('no claims are made in it') }
    def theirs = unready == one ? here : there
    !unready.pipeline().status().ready
    trouble(unready).contains("Redis at 127.0.0.1:${theirs.port()} holds claims of generation ${generation(theirs)}, but the newest in the log is ")
    trouble(unready).contains('REDIS_URI')
    trouble(unready).contains('run rebuild-guard')

    when: 'each in its turn'
    awaitDrained()
    produce(again(sent))
    awaitDrained()

    then:
    visible() == (0..<60).collect { "v$it".toString() }.sort()
    guarantees.receiptsJoin()
    guarantees.audit().findings() == []
  }

  @Tag('long')
  def "a primary that was cut off is not believed by whoever starts on it, and nothing is claimed there"() {
    given:
    def old = redis('old')
    def promoted = redis('promoted', [replicaof: "127.0.0.1 ${old.port()}".toString()])
    def before = instance('a', old)
    def sent = (0..<20).collect { "v$it".toString() }
    produce(sent.withIndex().collect { v, i -> record(v, partition: i % 3) })
    awaitDrained()
    before.close()
    opened.remove(before)
    await(BOUND) { assert generation(promoted) == generation(old) }

    when: 'an instance at the new primary goes on'
    commands(promoted).replicaofNoOne()
    instance('b', promoted)
    produce((20..<40).collect { record("v$it", partition: it % 3) })
    awaitDrained()
    def claimed = claims(old)

    and: 'another one still reaches the old'
    def cut = instance('c', old)
    await(BOUND) { assert trouble(cut).contains('no claims are made in it') }
    produce(again((0..<40).collect { "v$it".toString() }))

    then:
    !cut.pipeline().status().ready
    claims(old) == claimed

    when:
    awaitDrained()

    then:
    visible() == (0..<40).collect { "v$it".toString() }.sort()
    guarantees.audit().findings() == []
  }

  @Tag('long')
  def "a worker whose producers are made while a generation is announced waits, and does not claim under the old one"() {
    given: 'one that runs, and an announcement that has fenced it and is not written yet'
    def server = redis('only')
    def running = instance('a', server)
    produce([record('before')])
    awaitDrained()
    def old = generation(server)
    announcer = announcing()
    fence()

    when: 'its next transaction fails, its producers are made anew, and all that it knows is as before'
    produce([record('meanwhile', partition: 1)])
    await(BOUND) { assert trouble(running).contains("its transaction $name:generation is still open after 5 s") }

    then:
    workers(running)*.state() == [WorkerState.RECOVERING]
    !running.pipeline().status().ready
    visible() == ['before']

    when: 'it is written'
    announce('7-theirs')
    await(BOUND) { assert trouble(running).contains('no claims are made in it') }

    then:
    trouble(running).contains("holds claims of generation $old, but the newest in the log is 7-theirs")
    visible() == ['before']

    when: 'its own rebuild comes behind that'
    awaitDrained()

    then:
    visible() == ['before', 'meanwhile']
    Generation.number(generation(server)) == 8
  }

  @Tag('long')
  def "a worker that starts while a generation is announced recovers, unready, and goes on when it is over"() {
    given:
    def server = redis('only')
    def running = instance('a', server)
    awaitRunning(running, 1)
    announcer = announcing()

    when:
    running.pipeline().scale(2)

    then:
    await(BOUND) { assert trouble(running).contains("its transaction $name:generation is still open after 5 s") }
    await(BOUND) { assert workers(running)*.state().contains(WorkerState.RECOVERING) }
    !workers(running)*.state().contains(WorkerState.FAILED)
    !running.pipeline().status().ready

    when:
    announcer.abortTransaction()

    then:
    awaitRunning(running, 2)
  }

  @Tag('long')
  def "an instance that starts while a generation is announced waits for it; one that was aborted is none"() {
    given:
    def server = redis('only')
    def first = instance('a', server)
    produce([record('before')])
    awaitDrained()
    def standing = generation(server)
    first.close()
    opened.remove(first)
    announcer = announcing()
    announcements('7-never').each { announcer.send(it) }
    announcer.flush()

    when:
    def next = instance('b', server)

    then:
    await(BOUND) { assert trouble(next).contains("its transaction $name:generation is still open after 5 s") }

    when:
    announcer.abortTransaction()
    produce([record('before', partition: 1), record('after')])
    awaitDrained()

    then:
    visible() == ['after', 'before']
    generation(server) == standing
    await(BOUND) { assert next.pipeline().status().ready }
  }

  @Tag('long')
  def "a rebuild that died between its announcement and Redis: the next one rebuilds under a higher number"() {
    given: 'what it leaves: Redis without a generation, and the log ahead'
    def server = redis('only')
    def first = instance('a', server)
    produce([record('a')])
    awaitDrained()
    first.close()
    opened.remove(first)
    announcer = announcing()
    announce('4-died')
    commands(server).hdel(state(server), 'generation')

    when:
    instance('b', server)
    produce([record('a', partition: 1), record('b')])
    awaitDrained()

    then:
    visible() == ['a', 'b']
    Generation.number(generation(server)) == 5
    receipts().findAll { it.spans()*.processed().sum() && it.generation() == generation(server) }.size() > 0
  }

  @Tag('long')
  def "rebuilds leave a log that the audit finds clean, and a receipt of claims from before is found"() {
    given:
    def server = redis('only')
    def running = instance('a', server)
    produce((0..<10).collect { record("v$it", partition: it % 3) })
    awaitDrained()
    def replaced = generation(server)

    when:
    2.times { round ->
      commands(server).flushall()
      produce(again((0..<10).collect { "v$it".toString() }) + [record("fresh$round", partition: 0)])
      awaitDrained()
    }

    then:
    Generation.number(generation(server)) == Generation.number(replaced) + 2
    receipts().every { it.generation() }
    guarantees.audit().findings() == []

    when: 'somebody commits under the first generation'
    running.close()
    opened.remove(running)
    def hand = new HandMadePipeline(bootstrapServers, admin, name, source, sink)
    opened << hand
    produce([record('late', partition: 2)])
    def at = admin.listConsumerGroupOffsets(name).partitionsToOffsetAndMetadata().get().find { it.key.partition() == 2 }.value.offset()
    hand.transaction(2, at, at + 1, outputs: [hand.output(2, at, id: 'late')], generation: replaced)

    then:
    def found = guarantees.audit().findings()
    found*.kind() == [Finding.Kind.UNACCOUNTED]
    found[0].sentence().contains("is of the generation of claims $replaced, which ")
  }

  private LocalRedis redis(String role, Map<String, String> directives = [:]) {
    def server = LocalRedis.start(Path.of('target', 'two-primaries', "$name-$role".toString()).toAbsolutePath(), directives)
    servers << server
    server
  }

  private TestPipeline instance(String id, LocalRedis server) {
    def settings = QUICK + [source: source, sinks: sink, 'retry.backoff': '1ms', 'instance-id': id]
    def started = TestPipeline.start(name, settings, copy(), bootstrapServers, server.uri())
    opened << started
    started
  }

  /** Each in another partition than the first time. */
  private List<ProducerRecord<byte[], byte[]>> again(List<String> values) {
    values.withIndex().collect { v, i -> record(v, partition: (i + 1) % 3) }
  }

  private RedisCommands<String, String> commands(LocalRedis server) {
    def client = RedisClient.create(server.uri())
    clients << client
    client.connect().sync()
  }

  private String state(LocalRedis server) {
    "{eo:$name}:v2:state"
  }

  private String generation(LocalRedis server) {
    commands(server).hget(state(server), 'generation') ?: ''
  }

  private long claims(LocalRedis server) {
    def redis = commands(server)
    redis.keys("{eo:$name}*claims*".toString()).sum(0L) { redis.hlen(it) } as long
  }

  private static String trouble(TestPipeline running) {
    def status = running.pipeline().status()
    status.trouble() + status.workers()*.trouble().join(' ')
  }

  /** An announcement as far as before its fence. */
  private KafkaProducer<byte[], byte[]> announcing() {
    def settings = ['bootstrap.servers': bootstrapServers, 'transactional.id': KafkaClaimLog.announcerId(name)] as Map<String, Object>
    def made = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())
    made.initTransactions()
    made.beginTransaction()
    made.send(announcements('').first())
    made.flush()
    made
  }

  private void fence() {
    def ids = admin.listTransactions().all().get()*.transactionalId().findAll { it.startsWith(name + '.') }
    admin.fenceProducers(ids).all().get()
  }

  private void announce(String generation) {
    announcements(generation).each { announcer.send(it) }
    announcer.commitTransaction()
  }

  /** For each partition; without a generation empty receipts. */
  private List<ProducerRecord<byte[], byte[]>> announcements(String generation) {
    def decisions = generation ? [new Receipt.Decision(generation, Generation.DONE, 'a spec')] : []
    partitionsOf(name + '.receipts').collect {
      def receipt = new Receipt('spec', 'spec', System.currentTimeMillis(), [], new TreeMap<>(), decisions, '')
      new ProducerRecord<byte[], byte[]>(it.topic(), it.partition(), null, Receipts.write(receipt))
    }
  }
}
