package io.exactlyonce.guard.redis

import io.exactlyonce.engine.PipelineSpec
import io.exactlyonce.engine.status.PipelineState
import io.exactlyonce.local.LocalRedis
import io.lettuce.core.RedisClient
import io.lettuce.core.api.sync.RedisCommands
import spock.lang.Tag

import java.nio.file.Files
import java.nio.file.Path

/**
 * F11 at a Redis of this feature's own: whatever it loses is noticed and rebuilt, and while it cannot
 * be trusted or reached nothing is handled, nothing is lost, and the pipeline goes on by itself.
 */
class GuardFaultSpec extends PipelineSpec {

  static final Map QUICK = ['guard.timeout': '300ms', 'transaction-timeout': '6s', 'drain-timeout': '3s']

  LocalRedis own
  RedisClient client
  RedisCommands<String, String> redis

  def cleanup() {
    client?.shutdown()
    own?.close()
  }

  @Override
  String getRedisUri() {
    own.uri()
  }

  void startRedis(Map<String, String> directives = [:]) {
    own = LocalRedis.start(Path.of('target', 'guard-faults', name).toAbsolutePath(), directives)
    connect()
  }

  void connect() {
    client?.shutdown()
    client = RedisClient.create(own.uri())
    redis = client.connect().sync()
  }

  void sendAgain(List<String> old, String fresh) {
    produce(old.withIndex().collect { v, i -> record(v, partition: (i + 1) % 3) } + [record(fresh, partition: 0)])
    awaitDrained()
  }

  @Tag('long')
  def "#what while it is idle: what is sent again is still dropped"() {
    given:
    startRedis()
    run(QUICK)
    def sent = (0..<30).collect { "v$it".toString() }
    produce(sent.withIndex().collect { v, i -> record(v, partition: i % 3) })
    awaitDrained()

    when:
    lose(redis)
    sendAgain(sent, 'fresh')

    then:
    visible() == (sent + 'fresh').sort()
    guarantees.receiptsJoin()

    where:
    what                             | lose
    'Redis is flushed'               | { RedisCommands r -> r.flushall() }
    'one slice of claims is deleted' | { RedisCommands r -> r.del(r.keys('*:claims:*') as String[]) }
    'the generation is deleted'      | { RedisCommands r -> r.del(r.keys('*:state') as String[]) }
  }

  @Tag('long')
  def "switched off, and on again: what was processed in between is dropped when it is sent again"() {
    given:
    startRedis()
    def guarded = run(QUICK)
    produce((0..<10).collect { record("v$it", partition: it % 3) })
    awaitDrained()
    guarded.close()
    def unguarded = run(QUICK + ['guard.store': 'off'])
    produce((10..<20).collect { record("v$it", partition: it % 3) })
    awaitDrained()
    unguarded.close()

    when:
    run(QUICK)
    def sent = (0..<20).collect { "v$it".toString() }
    sendAgain(sent, 'fresh')

    then:
    visible() == (sent + 'fresh').sort()
    guarantees.receiptsJoin()
  }

  @Tag('long')
  def "guard.window changed from #before to #after: what is sent again is still dropped"() {
    given:
    startRedis()
    def first = run(QUICK + ['guard.window': before])
    def sent = (0..<20).collect { "v$it".toString() }
    produce(sent.withIndex().collect { v, i -> record(v, partition: i % 3) })
    awaitDrained()
    first.close()

    when:
    run(QUICK + ['guard.window': after])
    sendAgain(sent, 'fresh')

    then:
    visible() == (sent + 'fresh').sort()
    redis.hget(redis.keys('*:state')[0], 'length') == Long.toString(24 * 1_800_000 * longest)

    where:
    before | after || longest
    '24h'  | '12h' || 1
    '24h'  | '48h' || 2
  }

  @Tag('long')
  def "Redis is flushed again and again during work: each event once"() {
    given:
    startRedis()
    def running = run(QUICK + ['in-flight-records': '300', 'consumer.max.poll.records': '100'])
    def sent = (0..<6000).collect { "v$it".toString() }

    when:
    def records = sent.withIndex().collectMany { v, i ->
      [record(v, partition: i % 3)] + (i % 4 == 0 ? [record(sent[Math.max(0, i - 200)], partition: (i + 1) % 3)] : [])
    }
    records.collate(1500).each { part ->
      produce(part)
      def before = running.pipeline().counters().read.sum()
      await(BOUND) { assert running.pipeline().counters().read.sum() > before }
      redis.flushall()
    }
    awaitDrained()

    then:
    visible() == sent.sort(false)
    guarantees.receiptsJoin()
  }

  @Tag('long')
  def "Redis comes back with an older copy of its data: what was claimed since is known"() {
    given:
    startRedis()
    run(QUICK)
    produce([record('a')])
    awaitDrained()
    redis.save()
    produce([record('b'), record('c')])
    awaitDrained()

    when: 'killed, so that nothing newer is saved'
    own.restart()
    connect()

    then: 'it is the older copy'
    redis.keys('*:claims:*').sum { redis.hlen(it) } <= 2

    when:
    sendAgain(['a', 'b', 'c'], 'd')

    then:
    visible() == ['a', 'b', 'c', 'd']
  }

  @Tag('long')
  def "Redis is demoted: the pipeline waits and says why; promoted with another primary's data, it is rebuilt"() {
    given:
    startRedis()
    def running = run(QUICK)
    produce([record('a')])
    awaitDrained()

    when:
    redis.replicaof('127.0.0.1', 1)
    produce([record('a', partition: 1), record('b', partition: 2)])

    then:
    await(BOUND) { assert trouble(running).contains('is a replica') }
    visible() == ['a']
    members() == 1

    when: 'what another primary would have brought'
    redis.replicaofNoOne()
    awaitDrained()

    then:
    visible() == ['a', 'b']
    trouble(running) == ''
  }

  @Tag('long')
  def "Redis #what: the pipeline waits in its group, says why, and goes on by itself"() {
    given:
    startRedis()
    def running = run(QUICK)
    produce([record('a')])
    awaitDrained()

    when:
    fail(redis, own)
    produce([record('a', partition: 1)] + (0..<50).collect { record("b$it", partition: 2) })

    then:
    await(BOUND) { assert trouble(running).contains(says) }
    trouble(running).contains('no further record is handled')
    !running.pipeline().status().ready
    visible() == ['a']
    members() == 1

    when:
    mend(redis, own)
    awaitDrained()

    then:
    visible() == (['a'] + (0..<50).collect { "b$it".toString() }).sort()
    await(BOUND) { assert running.pipeline().status().ready }

    where:
    what               | fail                                                | mend                                              || says
    'is out of memory' | { r, o -> r.configSet('maxmemory', '1mb') }         | { r, o -> r.configSet('maxmemory', '0') }         || 'out of memory; raise its maxmemory'
    'does not answer'  | { r, o -> o.pause() }                               | { r, o -> o.resume() }                            || 'did not answer within guard.timeout'
  }

  @Tag('long')
  def "with guard.on-failure bypass work goes on without claims, counted and said"() {
    given:
    startRedis()
    def running = run(QUICK + ['guard.on-failure': 'bypass', 'guard.timeout': '2s']) // none is slow but the one that stands still
    produce([record('a')])
    awaitDrained()

    when:
    own.pause()
    produce([record('a', partition: 1), record('b', partition: 2)])
    awaitDrained()

    then: 'the duplicate is let through: that is what was asked for'
    visible() == ['a', 'a', 'b']
    running.pipeline().counters().unguarded.sum() >= 2
    trouble(running) == '' || trouble(running).contains('WITHOUT the guard')

    when:
    own.resume()
    sendAgain(['a'], 'c')

    then:
    visible() == ['a', 'a', 'b', 'c']
  }

  def "a Redis that may evict is refused at the start, with the remedy"() {
    given:
    startRedis('maxmemory-policy': 'allkeys-lru')

    when:
    def running = run()

    then:
    await(BOUND) { assert running.pipeline().status().state() == PipelineState.FAILED }
    trouble(running).contains('set maxmemory-policy noeviction')
    trouble(running).contains('allkeys-lru')
  }

  private static String trouble(running) {
    def status = running.pipeline().status()
    status.trouble() + status.workers()*.trouble().join(' ')
  }

  private int members() {
    admin.describeConsumerGroups([name]).all().get()[name].members().size()
  }
}
