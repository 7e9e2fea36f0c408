package io.exactlyonce.wiring

import io.exactlyonce.kit.RunningPipeline
import io.exactlyonce.local.BackendsSpec
import io.exactlyonce.local.LocalPorts
import io.exactlyonce.local.LocalRedis
import io.exactlyonce.local.LocalRedisCluster
import io.exactlyonce.local.LocalSentinel
import io.exactlyonce.local.LocalTls
import io.exactlyonce.manual.Manual
import io.lettuce.core.RedisClient
import io.lettuce.core.RedisURI
import spock.lang.Tag

import java.nio.file.Path
import java.time.Duration

/** The application at each kind of Redis, told by Micronaut Redis' own keys where it is. */
class RedisKindsSpec extends BackendsSpec {

  static final Duration BOUND = Duration.ofSeconds(90)

  /** What a user needs that may do nothing else; the manual names them too. */
  static final String LEAST =
      '+@connection +info +time +get +set +del +unlink +exists +hget +hmget +hset +hdel +hscan +pexpire +eval +evalsha'

  List<AutoCloseable> opened = []

  def cleanup() {
    opened.reverse().each { it.close() }
  }

  def <T extends AutoCloseable> T open(T what) {
    opened << what
    what
  }

  RunningPipeline running(Map<String, String> redis, Map<String, String> settings = [:]) {
    open(RunningPipeline.of('relay', [sinks: 'out'] + settings, backends, redis))
  }

  static Path home(String what) {
    Path.of('target', 'redis-kinds', "$what-${UUID.randomUUID().toString().take(8)}").toAbsolutePath()
  }

  /** An event, sent again and again, is passed on once; and its claim is where it is thought to be. */
  void passesOnOnce(RunningPipeline pipeline, String id, int times = 2) {
    times.times { pipeline.send(id, 'alice', "\"of $id\"".toString()) }
    assert pipeline.outputs('out', String).count("\"of $id\"".toString()) == 1
  }

  @Tag('long')
  def "Redis Cluster, by redis.uris: the group's keys are at one node; killed, its replica goes on"() {
    given:
    def cluster = open(LocalRedisCluster.start('user pipeline': "on >secret ~{eo:* $LEAST +cluster|nodes".toString()))
    def pipeline = running(['redis.uris': cluster.ports().collect { "redis://pipeline:secret@127.0.0.1:$it" }.join(',')])
    passesOnOnce(pipeline, 'p-1')
    def holder = cluster.holding("{eo:${pipeline.config().group()}}*")

    expect:
    holder.size() == 1

    when:
    holder[0].kill()
    passesOnOnce(pipeline, 'p-1')
    passesOnOnce(pipeline, 'p-2')

    then: 'they are somewhere else now'
    def heir = cluster.holding("{eo:${pipeline.config().group()}}*")
    heir.size() == 1
    heir[0].port() != holder[0].port()
  }

  @Tag('long')
  def "Redis Sentinel, by redis.uri: when the primary dies, claims go on at the one that is promoted"() {
    given:
    def primary = open(LocalRedis.start(home('primary'), ['repl-diskless-sync-delay': '0']))
    def replica = open(LocalRedis.start(home('replica'), [replicaof: "127.0.0.1 ${primary.port()}".toString()]))
    await(BOUND) { assert info(replica, 'replication').contains('master_link_status:up') }
    def sentinel = open(LocalSentinel.watch(primary))
    await(BOUND) { assert info(sentinel.port(), 'sentinel').contains('slaves=1') }
    def pipeline = running(['redis.uri': sentinel.uri()])
    passesOnOnce(pipeline, 'p-1')

    when:
    primary.kill()
    passesOnOnce(pipeline, 'p-1')
    passesOnOnce(pipeline, 'p-2')

    then:
    info(replica, 'replication').contains('role:master')
    info(replica, 'commandstats').contains('cmdstat_evalsha')
  }

  @Tag('long')
  def "TLS, user and password with the least rights, #by"() {
    given:
    def tls = LocalTls.create()
    def port = LocalPorts.free(1)[0]
    def redis = open(LocalRedis.start(home('tls'), tls.directives(port) + [
        'user default' : 'off',
        'user pipeline': "on >secret ~{eo:relay-* $LEAST".toString()]))
    trust(tls.trustStore())

    expect:
    passesOnOnce(running(keys(port)), 'p-1')

    cleanup:
    trust(null)

    where:
    by                  | keys
    'by redis.uri'      | { int at -> ['redis.uri': "rediss://pipeline:secret@127.0.0.1:$at".toString()] }
    'by keys of its own' | { int at -> ['redis.host': '127.0.0.1', 'redis.port': at.toString(), 'redis.ssl': 'true', 'redis.username': 'pipeline', 'redis.password': 'secret'] }
  }

  def "the manual's user of Redis has these rights"() {
    expect:
    Manual.read().text.contains("ACL SETUSER pipeline on >secret ~{eo:* $LEAST\n")
  }

  def "a certificate that nobody trusts, or a wrong password: it waits, and says why"() {
    given:
    def tls = LocalTls.create()
    def port = LocalPorts.free(1)[0]
    def redis = open(LocalRedis.start(home('refusing'), tls.directives(port) + [requirepass: 'secret']))

    expect:
    says([uri: "rediss://:secret@127.0.0.1:$port", plain: "redis://:wrong@127.0.0.1:${redis.port()}"][which], text)

    where:
    which   || text
    'uri'   || 'certification path'
    'plain' || 'WRONGPASS'
  }

  private boolean says(String uri, String text) {
    try {
      GuardRebuild.run('relay', ['pipelines.relay.source': 'in', 'redis.uri': uri.toString(), 'kafka.bootstrap.servers': bootstrapServers]) {}
      false
    } catch (RuntimeException e) {
      assert e.message.contains('waiting for Redis at 127.0.0.1')
      assert e.message.contains(text)
      assert !e.message.contains('secret') && !e.message.contains('wrong@')
      true
    }
  }

  private static void trust(Path store) {
    ['javax.net.ssl.trustStore': store?.toString(), 'javax.net.ssl.trustStorePassword': store == null ? null : LocalTls.PASSWORD]
        .each { key, value -> value == null ? System.clearProperty(key) : System.setProperty(key, value) }
  }

  private static String info(LocalRedis redis, String section) {
    info(redis.port(), section)
  }

  private static String info(int port, String section) {
    def client = RedisClient.create(RedisURI.create('127.0.0.1', port))
    try {
      client.connect().sync().info(section)
    } finally {
      client.shutdown()
    }
  }
}
