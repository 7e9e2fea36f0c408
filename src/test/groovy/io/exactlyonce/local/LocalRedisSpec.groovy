package io.exactlyonce.local

import io.lettuce.core.RedisClient
import io.lettuce.core.api.sync.RedisCommands
import spock.lang.AutoCleanup
import spock.lang.Specification

import java.nio.file.Path
import java.time.Duration

class LocalRedisSpec extends Specification {

  Path dir = LocalFiles.freshDirectory('redis-spec')

  @AutoCleanup
  LocalRedis redis

  @AutoCleanup('shutdown')
  RedisClient client

  def "after a restart it is on the same port, and empty"() {
    given:
    redis = LocalRedis.start(dir, [:])
    def (port, killed) = [redis.port(), redis.pid()]
    def commands = connect()
    commands.set('claim', '1')

    when:
    redis.restart()

    then:
    redis.port() == port
    redis.pid() != killed
    commands.dbsize() == 0
  }

  def "it says that it is full and evicts nothing"() {
    given:
    redis = LocalRedis.start(dir, [:])

    expect:
    connect().configGet('maxmemory-policy') == ['maxmemory-policy': 'noeviction']
  }

  def "with directives of its own it keeps what it was told to keep"() {
    given:
    redis = LocalRedis.start(dir, [appendonly: 'yes', appendfsync: 'always'])
    def commands = connect()
    commands.set('claim', '1')

    when:
    redis.restart()

    then:
    commands.get('claim') == '1'
  }

  def "a paused Redis answers nothing until it is resumed"() {
    given:
    redis = LocalRedis.start(dir, [:])
    def commands = connect().statefulConnection.async()

    when:
    redis.pause()
    def answer = commands.ping()
    def early = Await.within(Duration.ofMillis(300)) { answer.done }
    redis.resume()

    then:
    !early
    Await.within(Duration.ofSeconds(10)) { answer.done }
  }

  def "a Redis that cannot start says why"() {
    when:
    LocalRedis.start(dir, ['no-such-directive': 'yes'])

    then:
    def e = thrown(IllegalStateException)
    e.message.contains('no-such-directive')
  }

  private RedisCommands<String, String> connect() {
    client = RedisClient.create(redis.uri())
    client.connect().sync()
  }
}
