package io.exactlyonce.engine

import io.exactlyonce.local.LocalKafka
import io.exactlyonce.local.LocalRedis
import io.exactlyonce.local.LogLines
import io.exactlyonce.wiring.TestPipeline
import io.lettuce.core.RedisClient
import spock.lang.AutoCleanup
import spock.lang.Tag

import java.nio.file.Path
import java.time.Duration
import java.util.concurrent.Executors
import java.util.concurrent.TimeUnit

/** Backends that do not answer for a while: what is said meanwhile, and how soon work goes on. */
class OutageSpec extends PipelineSpec {

  static final Duration OUTAGE = Duration.ofSeconds(10)

  LocalRedis own
  LocalKafka broker
  RedisClient client
  @AutoCleanup
  LogLines log = new LogLines('io.exactlyonce')

  def cleanup() {
    client?.shutdown()
    own?.close()
    broker?.close()
  }

  List<String> said() {
    log.texts()
  }

  @Override
  String getRedisUri() {
    own ? own.uri() : super.redisUri
  }

  private boolean ready(TestPipeline running) {
    running.pipeline().status().ready
  }

  @Tag('long')
  def "claims that failed while Redis #what at 100 polls a second succeed within 2 s of its return"() {
    given:
    own = LocalRedis.start(Path.of('target', 'outages', name).toAbsolutePath(), [:])
    client = RedisClient.create(own.uri())
    def redis = client.connect().sync()
    def running = run('consumer.max.poll.records': '1', 'guard.timeout': '300ms', 'retry.backoff': '1ms')
    int sent = 0
    def load = Executors.newSingleThreadScheduledExecutor()
    opened << ({ load.shutdownNow() } as AutoCloseable)
    produce([record('first')])
    awaitDrained()

    when: 'for the length of the outage and on'
    load.scheduleAtFixedRate({ produce([record("v${sent++}", partition: sent % 3)]) }, 0, 10, TimeUnit.MILLISECONDS)
    fail(redis, own)
    await(BOUND) { assert !ready(running) }
    def from = System.nanoTime()
    await(BOUND) { assert System.nanoTime() - from > OUTAGE.toNanos() }
    int during = said().size()
    mend(redis, own)
    def back = System.nanoTime()
    await(BOUND) { assert ready(running) }
    def took = Duration.ofNanos(System.nanoTime() - back)
    load.shutdown()
    load.awaitTermination(20, TimeUnit.SECONDS)
    awaitDrained()

    then:
    took < Duration.ofSeconds(2)
    said().count { it.startsWith('claims fail') } == 1
    said().count { it.startsWith('claims succeed again') } == 1
    visible().size() == sent + 1
    guarantees.receiptsJoin()

    where:
    what               | fail                                        | mend
    'hangs'            | { r, o -> o.pause() }                       | { r, o -> o.resume() }
    'is out of memory' | { r, o -> r.configSet('maxmemory', '1') }   | { r, o -> r.configSet('maxmemory', '0') }
    'is read-only'     | { r, o -> r.configSet('min-replicas-to-write', '1') } | { r, o -> r.configSet('min-replicas-to-write', '0') }
    'is slow'          | { r, o -> r.clientPause(11_000) }           | { r, o -> o.resume() }
  }

  @Tag('long')
  def "a Redis whose answers take now more, now less than guard.timeout is not a line for each turn"() {
    given:
    own = LocalRedis.start(Path.of('target', 'outages', name).toAbsolutePath(), [:])
    client = RedisClient.create(own.uri())
    def redis = client.connect().sync()
    def running = run('guard.timeout': '200ms')
    def failures = running.pipeline().counters().claimFailures
    int sent = 0
    produce([record('first')])
    awaitDrained()

    when: 'it fails and succeeds again, many times'
    12.times {
      def before = failures.sum()
      redis.clientPause(500)
      produce([record("v${sent++}", partition: sent % 3)])
      await(BOUND) { assert failures.sum() > before }
      awaitDrained()
    }

    then:
    said().count { it.startsWith('claims fail') } == 1
    said().count { it.startsWith('claims succeed again') } == 1
    visible().size() == sent + 1
    guarantees.receiptsJoin()
  }

  @Tag('long')
  def "a connection to Redis that was refused for long is back within 2 s of it"() {
    given:
    own = LocalRedis.start(Path.of('target', 'outages', name).toAbsolutePath(), [:])
    def running = run('guard.timeout': '300ms')
    produce([record('a')])
    awaitDrained()

    when: 'so long that a delay which doubles would have reached many seconds'
    own.kill()
    def from = System.nanoTime()
    produce([record('b')])
    await(BOUND) { assert System.nanoTime() - from > Duration.ofSeconds(20).toNanos() }
    own.restart()
    def back = System.nanoTime()
    await(BOUND) { assert visible() == ['a', 'b'] }

    then:
    Duration.ofNanos(System.nanoTime() - back) < Duration.ofSeconds(5) // connecting, and the claims' rebuild
  }

  @Tag('long')
  def "idle, it says where Kafka is that does not answer and since when, and is ready 5 s after its return"() {
    given:
    broker = LocalKafka.start()
    def running = TestPipeline.start(name, [source: 'in', sinks: sink, 'guard.store': 'off'], copy(), broker.bootstrapServers(), redisUri)
    opened << running
    await(BOUND) { assert ready(running) }

    when:
    broker.node(0).pause()
    await(Duration.ofSeconds(15)) { assert !ready(running) }
    def status = running.pipeline().status()
    def from = System.nanoTime()
    await(BOUND) { assert System.nanoTime() - from > OUTAGE.toNanos() }
    broker.node(0).resume()
    def back = System.nanoTime()
    await(BOUND) { assert ready(running) }

    then:
    Duration.ofNanos(System.nanoTime() - back) < Duration.ofSeconds(5)
    status.guardTrouble().empty && status.otherwiseDown
    status.trouble().startsWith("Kafka at ${broker.bootstrapServers()} has not answered since ")
    said().count { it.contains('has not answered since') } == 1
    said().count { it.contains('answers again') } == 1
  }

  @Tag('long')
  def "idle, it says where Redis is that does not answer, and is ready 2 s after its return"() {
    given:
    own = LocalRedis.start(Path.of('target', 'outages', name).toAbsolutePath(), [requirepass: 'hush'])
    def running = TestPipeline.start(name, [source: source, sinks: sink, 'guard.timeout': '300ms'], copy(), bootstrapServers,
        own.uri().replace('redis://', 'redis://:hush@'))
    opened << running
    produce([record('a')]) // a topic that is new to the group asks Redis before it is read
    awaitDrained()
    await(BOUND) { assert ready(running) }

    when:
    own.pause()
    await(Duration.ofSeconds(15)) { assert !ready(running) }
    def status = running.pipeline().status()
    own.resume()
    def back = System.nanoTime()
    await(BOUND) { assert ready(running) }

    then:
    Duration.ofNanos(System.nanoTime() - back) < Duration.ofSeconds(2)
    status.guardTrouble().startsWith("Redis at 127.0.0.1:${own.port()} has not answered since ")
    !said().any { it.contains('hush') }

    and: 'the guard alone is why it was not ready'
    status.trouble() == status.guardTrouble()
    !status.otherwiseDown
    !running.pipeline().status().guardAway
  }

  @Tag('long')
  def "all partitions that stand still are named in one line"() {
    given:
    own = LocalRedis.start(Path.of('target', 'outages', name).toAbsolutePath(), [:])
    run('stall-after': '2s', 'guard.timeout': '300ms')
    produce([record('a')])
    awaitDrained()

    when:
    own.pause()
    produce((0..2).collect { record("v$it", partition: it) })

    then:
    await(BOUND) { assert said().any { it.contains('no progress') } }
    said().count { it.contains('no progress') } == 1
    (0..2).every { p -> said().find { it.contains('no progress') }.contains("$source-$p@") }

    cleanup:
    own.resume()
  }
}
