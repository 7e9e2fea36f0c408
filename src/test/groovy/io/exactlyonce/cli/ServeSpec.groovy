package io.exactlyonce.cli

import io.exactlyonce.local.Await
import io.exactlyonce.local.BackendsSpec
import io.exactlyonce.local.LocalKafka
import io.exactlyonce.local.LocalPorts
import io.exactlyonce.local.LocalRedis

import java.nio.file.Files
import java.nio.file.Path
import java.time.Duration
import java.util.concurrent.TimeUnit

/** The application as a process: how it starts without its backends, refuses, and stops. */
class ServeSpec extends BackendsSpec {

  static final Duration BOUND = Duration.ofSeconds(60)

  int port = LocalPorts.free(1)[0]
  Path log = Files.createTempFile(Files.createDirectories(Path.of('target', 'serve')), 'serve-', '.log')
  Process process
  List<AutoCloseable> opened = []

  def cleanup() {
    process?.destroyForcibly()
    opened.reverse().each { it.close() }
  }

  void serve(Map<String, Object> settings = [:], Map<String, String> environment = [:]) {
    def all = ['kafka.bootstrap.servers': bootstrapServers, 'redis.uri': redisUri, 'micronaut.server.port': port,
               'pipelines.payments.group': unique('g'), 'pipelines.payments.instance-id': unique('i')] + settings
    def command = [Path.of(System.getProperty('java.home'), 'bin', 'java').toString(), '-Xmx256m'] +
        all.collect { k, v -> "-D$k=$v".toString() } +
        ['-cp', System.getProperty('java.class.path'), 'io.exactlyonce.cli.Main', 'serve']
    def builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile())
    builder.environment().putAll(environment)
    process = builder.start()
  }

  /** Status and body; 0 while nobody answers. */
  Tuple2<Integer, String> get(String path) {
    try {
      def connection = new URL("http://127.0.0.1:$port$path").openConnection() as HttpURLConnection
      connection.connectTimeout = 2000
      connection.readTimeout = 5000
      int status = connection.responseCode
      new Tuple2(status, (status < 400 ? connection.inputStream : connection.errorStream)?.text ?: '')
    } catch (IOException e) {
      new Tuple2(0, '')
    }
  }

  void awaitReady() {
    assert Await.within(BOUND) { get('/health/readiness').v1 == 200 }: get('/health/readiness').toString() + log.toFile().text
  }

  void awaitSaid(String text) {
    assert Await.within(BOUND) { log.toFile().text.contains(text) }: log.toFile().text
  }

  def "a clean stop on SIGTERM ends within its bound, with status 143"() {
    when:
    serve()
    awaitReady()
    process.destroy()

    then:
    process.waitFor(20, TimeUnit.SECONDS)
    process.exitValue() == 143
    get('/health').v1 == 0
  }

  def "without Redis it waits, unready, says for what, and starts by itself when Redis comes"() {
    given:
    def redis = LocalRedis.start()
    opened << redis
    redis.kill()

    when:
    serve('redis.uri': redis.uri())
    awaitSaid("waiting for Redis at 127.0.0.1:${redis.port()}")

    then:
    get('/health/readiness').v1 == 503
    get('/health/readiness').v2.contains('waiting for Redis')
    get('/health/liveness').v1 == 200

    when:
    redis.restart()

    then:
    awaitReady()
  }

  def "without Kafka it waits, unready, says for what, and starts by itself when Kafka comes"() {
    given:
    def own = LocalKafka.start()
    opened << own
    own.node(0).kill()

    when:
    serve('kafka.bootstrap.servers': own.bootstrapServers())
    awaitSaid('payments: waiting for Kafka')

    then:
    get('/health/readiness').v1 == 503
    get('/health/liveness').v1 == 200

    when:
    own.node(0).restart()

    then:
    awaitReady()
  }

  def "a wrong configuration ends it with status 2 and one line: #key"() {
    when:
    serve((key): value)

    then:
    process.waitFor(60, TimeUnit.SECONDS)
    process.exitValue() == 2
    def lines = log.toFile().text.readLines().findAll { it.startsWith(named) }
    lines.size() == 1
    lines[0].contains(remedy)

    where:
    key                                        | value         || remedy
    'pipelines.payments.comit-interval'        | '5s'          || 'did you mean commit-interval?'
    'pipelines.payments.commit-interval'       | '-5ms'        || 'must be at least'
    'pipelines.payments.sinks'                 | 'payments'    || 'use another topic'
    'pipelines.payments.guard.window'          | '0s'          || 'must be at least'
    'pipelines.payments.transaction-timeout'   | '2h'          || "broker's transaction.max.timeout.ms"
    'pipelines.payments.producer.acks'         | '1'           || 'remove it'
    'pipelines.payments.value-deserializer'    | 'no.such.One' || 'name a class'
    'pipelines.unheard.source'                 | 'x'           || '@ForPipeline("unheard")'
    named = key.endsWith('.source') ? 'pipelines.unheard =' : "$key ="
  }

  def "a setting can come from an environment variable, and a wrong one is named all the same"() {
    when:
    serve([:], [PIPELINES_PAYMENTS_COMMIT_INTERVAL: '-5ms', PIPELINES_PAYMENTS_CONSUMER_MAX_POLL_RECORDS: '77'])

    then:
    process.waitFor(60, TimeUnit.SECONDS)
    process.exitValue() == 2
    log.toFile().text.contains('pipelines.payments.commit-interval = -5ms: must be at least')
  }

  def "a Redis that evicts is refused with the remedy"() {
    given:
    def redis = LocalRedis.start(Files.createTempDirectory(Path.of('target'), 'evicting'), ['maxmemory-policy': 'allkeys-lru'])
    opened << redis

    when:
    serve('redis.uri': redis.uri())

    then:
    process.waitFor(60, TimeUnit.SECONDS)
    process.exitValue() == 2
    log.toFile().text.contains('redis maxmemory-policy = allkeys-lru: an evicted claim lets a duplicate through; set maxmemory-policy noeviction')
  }
}
