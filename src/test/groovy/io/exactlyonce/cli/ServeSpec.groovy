package io.exactlyonce.cli

import com.sun.net.httpserver.HttpServer
import io.exactlyonce.local.AnotherServer
import io.exactlyonce.local.Await
import io.exactlyonce.local.LocalKafka
import io.exactlyonce.local.LocalRedis
import org.apache.kafka.clients.producer.ProducerRecord
import spock.lang.Tag

import java.nio.file.Files
import java.nio.file.Path
import java.time.Duration
import java.util.concurrent.Executors
import java.util.concurrent.TimeUnit

/** The application as a process: how it starts without its backends, refuses, and stops clean. */
class ServeSpec extends ServingSpec {

  @Tag('long')
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

  @Tag('long')
  def "while Kafka and Redis are frozen readiness answers at once, and the log stays short"() {
    given:
    def broker = LocalKafka.start()
    opened << broker
    def redis = LocalRedis.start()
    opened << redis
    serve('kafka.bootstrap.servers': broker.bootstrapServers(), 'redis.uri': redis.uri())
    awaitReady()
    int before = log.toFile().readLines().size()

    when: 'for a minute, and asked as often as an orchestrator asks'
    broker.node(0).pause()
    redis.pause()
    def from = System.nanoTime()
    def slowest = 0
    Await.within(BOUND) {
      def asked = System.nanoTime()
      def answer = get('/health/readiness')
      slowest = Math.max(slowest, System.nanoTime() - asked)
      assert answer.v1 != 0
      System.nanoTime() - from > Duration.ofSeconds(58).toNanos()
    }
    def answer = get('/health/readiness')
    def alive = get('/health/liveness')
    int lines = log.toFile().readLines().size() - before

    then:
    answer.v1 == 503
    answer.v2.contains("Kafka at ${broker.bootstrapServers()} has not answered since ")
    answer.v2.contains("Redis at 127.0.0.1:${redis.port()} has not answered since ")
    alive.v1 == 200
    slowest < Duration.ofSeconds(2).toNanos()
    lines < 100

    when:
    broker.node(0).resume()
    redis.resume()

    then:
    awaitReady()
  }

  @Tag('long')
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

  @Tag('long')
  def "without Kafka it waits, unready, says for what, and starts by itself when Kafka comes"() {
    given:
    def own = LocalKafka.start()
    opened << own
    own.node(0).kill()

    when:
    serve('kafka.bootstrap.servers': own.bootstrapServers())
    awaitSaid('relay: waiting for Kafka')

    then:
    get('/health/readiness').v1 == 503
    get('/health/liveness').v1 == 200

    when:
    own.node(0).restart()

    then:
    awaitReady()
  }

  @Tag('long')
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
    'pipelines.relay.comit-interval'        | '5s'          || 'did you mean commit-interval?'
    'pipelines.relay.commit-interval'       | '-5ms'        || 'must be at least'
    'pipelines.relay.sinks'                 | 'relayed'    || 'use another topic'
    'pipelines.relay.guard.window'          | '0s'          || 'must be at least'
    'pipelines.relay.transaction-timeout'   | '2h'          || "broker's transaction.max.timeout.ms"
    'pipelines.relay.producer.acks'         | '1'           || 'remove it'
    'pipelines.relay.value-deserializer'    | 'no.such.One' || 'name a class'
    'pipelines.unheard.source'                 | 'x'           || '@ForPipeline("unheard")'
    named = key.endsWith('.source') ? 'pipelines.unheard =' : "$key ="
  }

  @Tag('long')
  def "what is wrong at the start is one line, with status 2 and without a secret: #environment"() {
    when:
    serve(settings, environment)

    then:
    process.waitFor(60, TimeUnit.SECONDS)
    process.exitValue() == 2
    log.toFile().text.readLines().size() == 1
    log.toFile().text.startsWith(says)
    !log.toFile().text.contains('hunter22')

    where:
    environment                                        | settings                                           || says
    [REDIS_URI: 'redis://:hunter22 x@localhost:6379']  | ['redis.uri': '${REDIS_URI}']                      || 'redis.uri = ***: '
    [:]                                                | ['pipelines.relay.producer.linger.ms': '60000'] || 'pipelines.relay.producer.linger.ms = 60000'
    [KAFKA_SECURITY_PROTOCOL: 'SSSL']                  | [:]                                                || 'kafka.security.protocol = SSSL'
    [PIPELINE_DEFAULTS_COMMIT_INTERVAL: '-5ms']        | [:]                                                || 'pipeline.defaults.commit-interval = -5ms: must be at least'
    [:]                                                | ['micronaut.config.files': '/no/such.yml']         || 'configuration = /no/such.yml: '
    [PIPELINE_ALERT_WEBHOOK: 'ftp://hooks/hunter22']   | [:]                                                || 'PIPELINE_ALERT_WEBHOOK = (not shown): is no address such as https://host/path; correct it, or leave it out to post nothing'
    [PIPELINE_ALERT_WEBHOOK: 'hunter22 x']             | [:]                                                || 'PIPELINE_ALERT_WEBHOOK = (not shown): is no address'
    [SERVER_HOST: 'no-such-host.invalid']              | [:]                                                || 'micronaut.server.host = no-such-host.invalid: cannot be resolved; set SERVER_HOST'
    [SERVER_HOST: '203.0.113.9']                       | [:]                                                || 'micronaut.server.host = 203.0.113.9: is no address of this machine'
    [:]                                                | ['micronaut.server.port': '99999']                 || 'micronaut.server.port = 99999: is no port up to 65535; set SERVER_PORT'
    [:]                                                | BANK                                               || 'pipelines.bank = io.exactlyonce.relay.BankHandler: cannot be made: '
    [:]                                                | BANK + ['bank.url': 'https://u:hunter22@bank']     || 'pipelines.bank = io.exactlyonce.relay.BankHandler: cannot be made: java.lang.IllegalStateException: no answer from https://***@bank within 1 s (at '
    [:]                                                | ['pipelines.storing.source': 'x']                  || 'pipelines.storing = io.exactlyonce.relay.StoringHandler: cannot be made: '
  }

  static final Map BANK = ['pipelines.bank.source': 'bank']

  @Tag('long')
  def "a port that somebody else has is told with the remedy"() {
    given:
    def other = new ServerSocket(port, 1, InetAddress.getByName('127.0.0.1'))
    opened << other

    when:
    serve()

    then:
    process.waitFor(60, TimeUnit.SECONDS)
    process.exitValue() == 2
    log.toFile().text.contains('micronaut.server.port: Address already in use; set SERVER_PORT to a port that is free')
  }

  @Tag('long')
  def "a database that is away is told without its password, and ends it with status 2"() {
    when:
    serve('pipelines.storing.source': 'x', 'datasources.default.url': 'jdbc:h2:tcp://localhost:1/none',
        'datasources.default.username': 'sa', 'datasources.default.password': 'hunter22')

    then:
    process.waitFor(60, TimeUnit.SECONDS)
    process.exitValue() == 2
    def last = log.toFile().text.readLines().last()
    last.contains(' cannot be made: ')
    last.contains('Connection refused')
    last.contains('localhost')
    last.endsWith('; correct it, or the setting or the system it needs')
    !log.toFile().text.contains('hunter22')
  }

  @Tag('long')
  def "a web server in the place of Kafka is told at the start and costs no memory"() {
    given:
    def web = HttpServer.create(new InetSocketAddress('127.0.0.1', 0), 0)
    web.start()
    opened << ({ web.stop(0) } as AutoCloseable)

    when:
    serve('kafka.bootstrap.servers': "127.0.0.1:${web.address.port}")

    then:
    process.waitFor(60, TimeUnit.SECONDS)
    process.exitValue() == 2
    log.toFile().text.contains("127.0.0.1:${web.address.port} does not speak Kafka but HTTP")
    !log.toFile().text.contains('OutOfMemoryError')
  }

  @Tag('long')
  def "a web server that comes where Kafka is waited for is told, costs no memory, and Kafka is taken when it comes"() {
    given:
    def broker = LocalKafka.start()
    opened << broker
    broker.node(0).kill()
    serve('kafka.bootstrap.servers': broker.bootstrapServers())
    awaitSaid('relay: waiting for Kafka')

    when:
    def web = HttpServer.create(new InetSocketAddress('127.0.0.1', broker.bootstrapServers().split(':')[1] as int), 0)
    def threads = Executors.newCachedThreadPool()
    opened << ({ threads.shutdownNow() } as AutoCloseable)
    web.executor = threads // on its own one thread the first client that sends no HTTP would hold up all others
    web.start()
    awaitSaid("relay: waiting for Kafka: ${broker.bootstrapServers()} does not speak Kafka but HTTP")
    def answer = get('/health/readiness')
    web.stop(0)

    then:
    answer.v1 == 503
    answer.v2.contains("${broker.bootstrapServers()} does not speak Kafka but HTTP")
    process.alive

    when:
    broker.node(0).restart()

    then:
    awaitReady()
    !log.toFile().text.contains('OutOfMemoryError')
  }

  @Tag('long')
  def "a web server that takes the address of a Kafka in use is told, and when Kafka is back the pipeline goes on"() {
    given:
    def broker = LocalKafka.start()
    opened << broker
    serve(['kafka.bootstrap.servers': broker.bootstrapServers()], [:], ['-Xmx160m', '-XX:MaxDirectMemorySize=48m'])
    awaitReady()
    broker.node(0).kill()

    when:
    def web = new AnotherServer(broker.bootstrapServers().split(':')[1] as int)
    opened << web
    awaitSaid("${broker.bootstrapServers()} does not speak Kafka but HTTP")
    awaitSaid('its admin client of Kafka has ended')
    def answer = get('/health/readiness')
    web.close()

    then:
    answer.v1 == 503
    process.alive

    when:
    broker.node(0).restart()
    awaitReady()

    then: 'the lag is measured again too'
    assert Await.within(BOUND) { get('/pipelines').v2.with { it.contains('"lag":{') && !it.contains('cannotMeasure') } }: get('/pipelines').v2
  }

  def "a setting can come from an environment variable, and a wrong one is named all the same"() {
    when:
    serve([:], [PIPELINES_RELAY_COMMIT_INTERVAL: '-5ms', PIPELINES_RELAY_CONSUMER_MAX_POLL_RECORDS: '77'])

    then:
    process.waitFor(60, TimeUnit.SECONDS)
    process.exitValue() == 2
    log.toFile().text.contains('pipelines.relay.commit-interval = -5ms: must be at least')
  }

  @Tag('long')
  def "a wrong setting found after the start ends its own pipeline: the one beside it goes on"() {
    given: 'a Redis of one pipeline that is away, and evicts when it comes'
    def redis = LocalRedis.start(Files.createTempDirectory(Path.of('target'), 'evicting'), ['maxmemory-policy': 'allkeys-lru'])
    opened << redis
    redis.kill()
    def orders = unique('logs')
    createTopic(orders, 3)

    when:
    serve('redis.uri': redis.uri(), 'pipelines.metered.source': orders,
        'pipelines.metered.guard.store': 'off', 'pipelines.metered.group': orders, 'pipelines.metered.instance-id': unique('i'))
    awaitSaid("waiting for Redis at 127.0.0.1:${redis.port()}")
    assert Await.within(BOUND) { get('/pipelines').v2.contains('"name":"metered","state":"RUNNING"') }: get('/pipelines').v2
    redis.restart()
    awaitSaid('relay cannot run as it is configured and stays down: redis maxmemory-policy = allkeys-lru')

    then:
    get('/pipelines').v2.contains('"name":"relay","state":"FAILED"')
    get('/pipelines').v2.contains('"name":"metered","state":"RUNNING"')
    get('/health/readiness').v1 == 503
    process.alive
  }

  @Tag('long')
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

  @Tag('long')
  def "it listens on this machine alone, unless SERVER_HOST says otherwise"() {
    when:
    serve()
    awaitSaid('Serving at http://127.0.0.1:')
    def elsewhere = NetworkInterface.networkInterfaces().toList().collectMany { it.inetAddresses().toList() }
        .find { it instanceof Inet4Address && !it.loopbackAddress } ?: InetAddress.getByName('127.0.0.2')
    new Socket(elsewhere, port)

    then:
    thrown(ConnectException)
  }

  @Tag('long')
  def "clients that never finish their requests keep nobody else from answers"() {
    given:
    serve([:], [:], ['-Xmx160m', '-XX:MaxDirectMemorySize=48m'])
    awaitReady()

    when: 'eighty send large bodies, and eight hundred stop in the middle of a head or a body'
    def large = (1..80).collect { client("POST /pipelines/relay/stops/retry HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10000000\r\n\r\n") }
    large.collect { socket -> Thread.start { flood(socket) } }*.join()
    def half = (1..400).collectMany {
      [client('GET /health/live'), client("POST /pipelines/relay/stops/retry HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{")]
    }

    then:
    (1..20).every { get('/health/liveness').v1 == 200 }
    Await.within(Duration.ofSeconds(5)) { half.count { !isClosed(it) } <= 256 } // well before their time is up

    and: 'the pipeline goes on'
    get('/health/readiness').v1 == 200
    produce([new ProducerRecord<byte[], byte[]>('relayed', 'k'.bytes, 'bad'.bytes)])
    Await.within(BOUND) { !get('/pipelines').v2.contains('"read":0') }

    and: 'what was not finished is given up'
    Await.within(BOUND) { half.every { isClosed(it) } }
    process.alive
    !log.toFile().text.contains('OutOfMemoryError')
  }

  @Tag('long')
  def "more whole requests than an instance holds are refused with when to send them again, and probes are answered"() {
    given:
    serve([ingest: true], [:], ['-Xmx160m', '-XX:MaxDirectMemorySize=48m'])
    awaitReady()

    when: 'a thousand, which nobody answers'
    def request = "POST /ingest/held HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: 60000\r\n\r\n" + 'x' * 60_000
    List<Socket> sockets = (1..1000).collect { client('') }
    sockets.each { socket -> send(socket, request) }
    def answers = sockets.collectEntries { [it, ''] }
    def told = { sockets.each { answers[it] += received(it) } && answers.values().count { it.startsWith('HTTP/1.1 503') } > 0 }

    then:
    Await.within(BOUND) { told() }
    answers.values().findAll { !it.empty }.every { it.startsWith('HTTP/1.1 503') && it.toLowerCase().contains('retry-after: 1') }
    (1..20).every { get('/health/liveness').v1 == 200 }
    get('/health/readiness').v1 == 200
    get('/prometheus').v1 == 200
    Await.within(BOUND) { sockets.count { !isClosed(it) } <= 256 }

    and: 'what a request beside them is told'
    get('/pipelines').v1 == 503

    when: 'those have gone'
    sockets.each { it.close() }

    then:
    Await.within(BOUND) { get('/pipelines').v1 == 200 }
    process.alive
    !log.toFile().text.contains('OutOfMemoryError')
  }

  static void send(Socket socket, String text) {
    try {
      socket.outputStream << text
    } catch (IOException ignored) { // the server has closed it
    }
  }

  /** What has come since it was asked last. */
  static String received(Socket socket) {
    def text = new StringBuilder()
    try {
      for (int next = socket.inputStream.read(); next >= 0; next = socket.inputStream.read()) {
        text.append(next as char)
      }
    } catch (IOException ignored) { // no more for now, or closed
    }
    text
  }

  Socket client(String begin) {
    def socket = new Socket('127.0.0.1', port)
    opened << socket
    socket.soTimeout = 1
    socket.outputStream << begin
    socket
  }

  /** As much of the body as the server takes, but for its end. */
  static void flood(Socket socket) {
    try {
      9.times { socket.outputStream << new byte[1_000_000] }
    } catch (IOException ignored) { // the server has closed it
    }
  }

  static boolean isClosed(Socket socket) {
    try {
      while (socket.inputStream.read() >= 0) { }
      true
    } catch (SocketTimeoutException ignored) {
      false
    } catch (IOException ignored) {
      true
    }
  }
}
