package io.exactlyonce.engine

import com.sun.net.httpserver.HttpServer
import io.exactlyonce.local.ChildJvm
import io.exactlyonce.local.ChildProcess
import org.apache.kafka.clients.producer.ProducerRecord
import org.apache.kafka.common.header.internals.RecordHeader
import spock.lang.Tag

import java.time.Duration
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.Executors
import java.util.concurrent.atomic.AtomicInteger

/**
 * Calls are counted at a real HTTP server while the worker is killed -9 again and again; the long
 * form is {@code mvn test -Dtest=EffectsFaultSpec -Deffects.kills=50}.
 */
class EffectsFaultSpec extends OwnBackendsSpec {

  static final int KILLS = Integer.getInteger('effects.kills', 5)
  static final int EACH = 150
  static final int CONCURRENCY = 4
  static final int EVENTS = EACH * (KILLS + 1)

  Map<String, AtomicInteger> runs = new ConcurrentHashMap<>()
  Map<String, AtomicInteger> charges = new ConcurrentHashMap<>()
  /** Or each answer waits 40 ms for an acknowledgement. */
  static final NO_DELAY = System.setProperty('sun.net.httpserver.nodelay', 'true')

  HttpServer server = HttpServer.create(new InetSocketAddress('127.0.0.1', 0), 0)
  def threads = Executors.newFixedThreadPool(8)

  /** A killed worker's successor waits for its session: most of the time between two kills. */
  @Override
  Map<String, String> brokerSettings() {
    ['group.min.session.timeout.ms': '1000']
  }

  def setup() {
    [run: runs, charge: charges].each { path, counts ->
      server.createContext("/$path") { exchange ->
        def key = exchange.requestHeaders.getFirst('Idempotency-Key')
        def number = counts.computeIfAbsent(key, { new AtomicInteger() }).incrementAndGet()
        def answer = "$key#$number".bytes
        exchange.sendResponseHeaders(200, answer.length)
        exchange.responseBody.withStream { it.write(answer) }
      }
    }
    server.executor = threads
    server.start()
  }

  def cleanup() {
    server.stop(0)
    threads.shutdownNow()
  }

  @Tag('long')
  def "killed -9 again and again: each event is emitted once, and hardly any charged twice"() {
    when:
    produce((0..<EVENTS).collect { i ->
      new ProducerRecord<byte[], byte[]>(source, i % 3, "k$i".bytes, "v$i".bytes, [new RecordHeader('event-id', "e$i".bytes)])
    })
    def worker = worker()
    KILLS.times { round ->
      // By the server's count, so that the kill meets events that are charged and not committed.
      await(Duration.ofMinutes(3)) { assert charges.size() >= (round + 1) * EACH - 50 }
      worker.kill()
      worker = this.worker()
    }
    await(Duration.ofMinutes(3)) { assert lag() == 0 }
    awaitDrained()
    def out = readCommitted(sink).collect { new String(it.value()).split('=') }

    then: 'in Kafka each event once'
    out.size() == EVENTS
    out*.getAt(0).toSet().size() == EVENTS

    and: 'each was charged; again only where the call was under way, or not recorded, when its process died'
    charges.size() == EVENTS
    def extra = charges.values().sum { it.get() - 1 } as int
    def reruns = runs.values().sum { it.get() - 1 } as int
    println "$EVENTS events, $KILLS kills: $reruns reruns, $extra repeated charges"
    extra <= KILLS * CONCURRENCY

    and: 'though handlers ran again far more often'
    reruns > extra
    reruns > KILLS * CONCURRENCY

    and: 'what was emitted is what some call for that event returned'
    out.every { it[1] ==~ /e${it[0].substring(1)}#\d+/ }
  }

  ChildProcess worker() {
    def settings = [source: source, sinks: sink, 'instance-id': 'a', concurrency: CONCURRENCY, ordering: 'none',
                    'transaction-timeout': '6s', 'drain-timeout': '3s', 'commit-interval': '500ms', 'commit-floor': '400ms',
                    'consumer.session.timeout.ms': '1500', 'consumer.heartbeat.interval.ms': '300']
    def args = [name, bootstrapServers, redisUri, "http://127.0.0.1:${server.address.port}"] + settings.collect { k, v -> "$k=$v" }
    def child = ChildJvm.start(logs, "$name-${opened.size()}", ['-Xmx256m', '-XX:TieredStopAtLevel=1'], 'io.exactlyonce.wiring.ChargeWorker', args*.toString())
    opened << child
    child
  }
}
