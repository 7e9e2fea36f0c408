package io.exactlyonce.guard.redis

import io.exactlyonce.engine.PipelineSpec
import io.exactlyonce.local.CutOff
import io.lettuce.core.RedisException
import io.lettuce.core.RedisURI
import spock.lang.Tag

import java.time.Duration
import java.util.concurrent.Executors
import java.util.concurrent.TimeUnit

/** Connections to a Redis that is cut off as by a firewall: nothing comes, and nobody closes them. */
class RedisConnectionsSpec extends PipelineSpec {

  CutOff network

  def setup() {
    network = new CutOff(RedisURI.create(super.redisUri).port)
    opened << network // the first, so it is closed behind what goes through it
  }

  @Override
  String getRedisUri() {
    network ? "redis://127.0.0.1:${network.port()}" : super.redisUri
  }

  @Tag('long')
  def "a connection that was cut off is made anew, and answers within 2 s of new ones being possible"() {
    given:
    def connections = new RedisConnections(RedisURI.create(redisUri), Duration.ofMillis(300))
    opened << connections
    def connection = connections.open()
    connection.sync().set('cut-off'.bytes, 'a'.bytes)

    when:
    network.cut()
    def from = System.nanoTime()
    await(BOUND) { assert !answers(connection) && System.nanoTime() - from > Duration.ofSeconds(5).toNanos() }
    network.mend()

    then:
    await(Duration.ofSeconds(2)) { assert answers(connection) }
  }

  @Tag('long')
  def "a connection that was idle while it was cut off is made anew with the first command that it does not answer"() {
    given:
    def connections = new RedisConnections(RedisURI.create(redisUri), Duration.ofMillis(300))
    opened << connections
    def connection = connections.open()

    when:
    network.cut()
    network.mend()

    then:
    await(Duration.ofSeconds(5)) { assert answers(connection) }
  }

  @Tag('long')
  def "claims go on within 2 s of new connections being possible, though the old ones stay silent"() {
    given:
    def running = run('consumer.max.poll.records': '1', 'guard.timeout': '300ms')
    int sent = 0
    def load = Executors.newSingleThreadScheduledExecutor()
    opened << ({ load.shutdownNow() } as AutoCloseable)
    produce([record('first')])
    awaitDrained()

    when: 'for a quarter of a minute, and on'
    load.scheduleAtFixedRate({ produce([record("v${sent++}", partition: sent % 3)]) }, 0, 50, TimeUnit.MILLISECONDS)
    network.cut()
    await(BOUND) { assert !running.pipeline().status().ready }
    def from = System.nanoTime()
    await(BOUND) { assert System.nanoTime() - from > Duration.ofSeconds(15).toNanos() }
    network.mend()
    def mended = System.nanoTime()
    await(BOUND) { assert running.pipeline().status().ready }
    def took = Duration.ofNanos(System.nanoTime() - mended)
    load.shutdown()
    load.awaitTermination(20, TimeUnit.SECONDS)
    awaitDrained()

    then:
    took < Duration.ofSeconds(2)
    visible().size() == sent + 1
    guarantees.receiptsJoin()
  }

  @Tag('long')
  def "a connection that answers each command is left alone, however long it is in use"() {
    given:
    def connections = new RedisConnections(RedisURI.create(redisUri), Duration.ofMillis(300))
    opened << connections
    def connection = connections.open()
    def id = connection.sync().clientId()
    def from = System.nanoTime()

    expect: 'twice as long as a silent one is waited for'
    await(BOUND) {
      connection.sync().get('in-use'.bytes)
      assert System.nanoTime() - from > Duration.ofSeconds(7).toNanos()
    }
    connection.sync().clientId() == id
  }

  private static boolean answers(GuardConnection connection) {
    try {
      new String(connection.sync().get('cut-off'.bytes) ?: new byte[0]) != null
    } catch (RedisException ignored) {
      false
    }
  }
}
