package io.exactlyonce.cli

import io.exactlyonce.local.LocalKafka
import io.exactlyonce.local.LocalRedis
import org.apache.kafka.clients.producer.ProducerRecord
import spock.lang.Tag

import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.TimeUnit

/** Whatever hangs, SIGTERM ends the process within {@code stop-timeout} and five seconds. */
class StopBoundSpec extends ServingSpec {

  /** What a stop may take: stop-timeout 6s and 5 s. */
  static final long SECONDS = 11

  @Tag('long')
  def "SIGTERM ends it within stop-timeout plus 5 s while #what"() {
    given:
    def broker = LocalKafka.start()
    opened << broker
    def redis = LocalRedis.start()
    opened << redis
    serve('kafka.bootstrap.servers': broker.bootstrapServers(), 'redis.uri': redis.uri(), 'pipelines.relay.stop-timeout': '6s')
    awaitReady()

    when:
    freeze(broker, redis)
    process.destroy()

    then:
    process.waitFor(SECONDS, TimeUnit.SECONDS)

    where:
    what              | freeze
    'Kafka is frozen' | { LocalKafka k, LocalRedis r -> k.node(0).pause() }
    'Redis is frozen' | { LocalKafka k, LocalRedis r -> r.pause() }
    'both are frozen' | { LocalKafka k, LocalRedis r -> k.node(0).pause(); r.pause() }
  }

  @Tag('long')
  def "SIGTERM ends it within stop-timeout plus 5 s though a hook of the user's hangs, and says so"() {
    given:
    serve(['pipelines.relay.stop-timeout': '6s'], [:], ['-Xmx256m'], 'io.exactlyonce.cli.HangingServe')
    awaitReady()

    when:
    process.destroy()

    then:
    process.waitFor(SECONDS, TimeUnit.SECONDS)
    process.exitValue() == 1
    log.toFile().text.readLines().count { it.contains('not stopped within 10000ms, held by another shutdown hook') } == 1
  }

  @Tag('long')
  def "SIGTERM ends it within stop-timeout plus 5 s though #what"() {
    given:
    def topic = unique('hanging')
    createTopic(topic)
    serve(['pipelines.relay.stop-timeout': '6s', hanging: hanging, 'hanging.topic': topic, 'hanging.group': unique('g')] +
        (hanging == 'handler' ? stuck(topic) : [:]))
    awaitReady()
    produce([new ProducerRecord<byte[], byte[]>(topic, 'k'.bytes, 'v'.bytes)])
    awaitSaid(said)

    when:
    process.destroy()

    then:
    process.waitFor(SECONDS, TimeUnit.SECONDS)
    process.exitValue() == status
    log.toFile().text.readLines().count { it.contains('not stopped within 10000ms, held at ') } == (status == 1 ? 1 : 0)

    where:
    what                                      | hanging          | said                 | status
    'a listener has died of an error'         | 'dead-listener'  | 'the listener hangs' | 1
    'a listener does not return'              | 'stuck-listener' | 'the listener hangs' | 1
    'a bean does not let itself be destroyed' | 'bean'           | 'Serving at '        | 1
    'a handler ignores interrupts'            | 'handler'        | 'the handler hangs'  | 143

  }

  Map<String, Object> stuck(String topic) {
    ['pipelines.stuck.source': topic, 'pipelines.stuck.group': topic, 'pipelines.stuck.instance-id': topic,
     'pipelines.stuck.guard.on-missing-id': 'unguarded', 'pipelines.stuck.stop-timeout': '6s']
  }

  @Tag('long')
  def "SIGTERM ends it within stop-timeout plus 5 s though nobody reads its log any more"() {
    given:
    output = ProcessBuilder.Redirect.PIPE
    serve(['pipelines.relay.stop-timeout': '6s'], [:], ['-Xmx256m', '-Dhook=flood'], 'io.exactlyonce.cli.HangingServe')
    awaitReady()

    when:
    process.destroy()

    then:
    process.waitFor(SECONDS, TimeUnit.SECONDS)
    process.exitValue() == 1
  }

  @Tag('long')
  def "a setting that is found wrong ends it, though a thread of the user's goes on for ever"() {
    given:
    def redis = LocalRedis.start(Files.createTempDirectory(Path.of('target'), 'evicting'), ['maxmemory-policy': 'allkeys-lru'])
    opened << redis

    when:
    serve('redis.uri': redis.uri(), hanging: 'thread')

    then:
    process.waitFor(60, TimeUnit.SECONDS)
    process.exitValue() == 2
    log.toFile().text.contains('the thread hangs')
    log.toFile().text.contains('redis maxmemory-policy = allkeys-lru: ')
  }
}
