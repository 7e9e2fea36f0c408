package io.exactlyonce.demo

import io.exactlyonce.local.Await
import io.exactlyonce.local.KafkaHelper
import spock.lang.Specification

import java.lang.management.ManagementFactory
import java.nio.file.Files
import java.nio.file.Path
import java.time.Duration

/**
 * How soon the demo's pipeline is back when a backend that did not answer for a while does again:
 * {@code mvn test -Dtest=OutageFigures}, ten minutes; the table goes to target/outage-figures.txt too.
 * {@code -Drate=} is payments a second, {@code -Doutages=R5,K20} are others than the fifteen.
 *
 * Redis and the broker are stopped by SIGSTOP, so their connections stay open and nothing answers.
 * It sees what an operator sees: readiness, the metrics and the log. It judges nothing; that no
 * payment was lost or booked twice meanwhile it reads from the topics at the end, and says so.
 */
class OutageFigures extends Specification {

  static final Path FIGURES = Path.of('target', 'outage-figures.txt')
  static final List<String> OUTAGES = System.getProperty('outages',
      'R5,R10,K5,R15,R20,K10,R25,R30,K20,R35,R40,K40,R50,R60,K60').tokenize(',')
  static final Duration BOUND = Duration.ofMinutes(3)

  /** Whoever is ready has to stay so for this long; lines of the log until then are the outage's. */
  static final long SETTLED_MILLIS = 6_000

  static final long LOOK_MILLIS = 20

  Path dir = Files.createTempDirectory(Files.createDirectories(Path.of('target', 'outages').toAbsolutePath()), 'run-')
  Closing closing = new Closing()
  DemoApplication application

  def cleanup() {
    closing.close()
  }

  int readiness() {
    try {
      def connection = application.address().resolve('/health/readiness').toURL().openConnection() as HttpURLConnection
      connection.connectTimeout = 1_000
      connection.readTimeout = 5_000
      connection.responseCode
    } catch (IOException e) {
      0
    }
  }

  double metric(String name) {
    def text = application.address().resolve('/prometheus').toURL().text
    text.readLines().findAll { it.startsWith("$name{") }.sum { it.tokenize(' ').last() as double } ?: 0
  }

  List<String> log() {
    Files.readAllLines(dir.resolve('application.log'))
  }

  void say(String line) {
    println line
    Files.writeString(FIGURES, line + '\n', java.nio.file.StandardOpenOption.CREATE, java.nio.file.StandardOpenOption.APPEND)
  }

  static String load() {
    String.format('%.1f', ManagementFactory.operatingSystemMXBean.systemLoadAverage)
  }

  static double seconds(long from, long to) {
    (to - from) / 1e9
  }

  /** Looks at readiness until the condition holds; calls for each answer. */
  static void look(Closure<Boolean> until) {
    assert Await.within(BOUND) {
      def began = System.nanoTime()
      boolean ended = until()
      Await.within(Duration.ofMillis(LOOK_MILLIS)) { System.nanoTime() - began > LOOK_MILLIS * 1_000_000 }
      ended
    }
  }

  /** One row of the table. */
  String outage(DemoBackends backends, String which) {
    boolean isRedis = which.startsWith('R')
    int length = which.substring(1) as int
    int before = log().size()
    if (isRedis) backends.redis().pause() else backends.kafka().node(0).pause()
    long from = System.nanoTime()
    Long unreadyAt = null
    look {
      if (unreadyAt == null && readiness() != 200) unreadyAt = System.nanoTime()
      System.nanoTime() - from > length * 1_000_000_000L
    }
    double committed = metric('pipeline_commits_total')
    if (isRedis) backends.redis().resume() else backends.kafka().node(0).resume()
    long back = System.nanoTime()
    Long readyAt = null
    Long committedAt = null
    int fellBack = 0
    look {
      if (committedAt == null && metric('pipeline_commits_total') > committed) committedAt = System.nanoTime()
      if (readiness() == 200) {
        readyAt = readyAt ?: System.nanoTime()
      } else if (readyAt != null) {
        readyAt = null
        fellBack++
      }
      readyAt != null && committedAt != null && System.nanoTime() - Math.max(readyAt, committedAt) > SETTLED_MILLIS * 1_000_000
    }
    String.format('| %-6s | %4d | %13s | %7.1f | %12.1f | %9d | %5d | %5s |', isRedis ? 'Redis' : 'broker', length,
        unreadyAt == null ? 'never' : String.format('%.1f', seconds(from, unreadyAt)), seconds(back, readyAt), seconds(back, committedAt),
        fellBack, log().size() - before, load())
  }

  def "after each outage: how soon it is ready, how soon it commits, and what it says"() {
    given:
    def backends = closing.add(DemoBackends.launch(dir))
    application = closing.add(DemoApplication.start(dir, backends))
    def servers = backends.kafka().awaitReady().bootstrapServers()
    def kafka = closing.add(new KafkaHelper(servers))
    kafka.warmUp()
    Demo.createSource(kafka)
    def options = new DemoOptions(Integer.MAX_VALUE, Integer.getInteger('rate', 1_000), true, false, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty())
    def stream = closing.add(new PaymentStream(servers, options, Demo.PARTITIONS))
    Thread.startDaemon('upstream') { stream.run() }
    look { readiness() == 200 && stream.sent() > 20_000 }

    when:
    say("JVM ${Runtime.version().feature()}, ${Runtime.runtime.availableProcessors()} processors, load ${load()}, ${options.rate()} payments/s")
    say('| stopped | for s | unready after s | ready s | first commit s | fell back | lines | load |')
    say('| --- | --- | --- | --- | --- | --- | --- | --- |')
    OUTAGES.each { say(outage(backends, it)) }
    stream.stop()
    def lag = new Lag(kafka.admin(), DemoPipeline.NAME, PaymentStream.TOPIC, Demo.PARTITIONS)
    look { stream.isDone() && lag.records() == 0 }
    say(Summary.read(servers).text())

    then: 'the table is what it is for'
    noExceptionThrown()
  }
}
