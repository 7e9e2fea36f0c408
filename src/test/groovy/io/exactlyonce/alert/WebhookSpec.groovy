package io.exactlyonce.alert

import com.sun.net.httpserver.HttpExchange
import com.sun.net.httpserver.HttpServer
import io.exactlyonce.local.Await
import io.exactlyonce.local.LogLines
import spock.lang.AutoCleanup
import spock.lang.Specification
import spock.lang.Tag

import java.time.Duration
import java.time.Instant
import java.util.concurrent.Callable
import java.util.concurrent.ConcurrentLinkedQueue
import java.util.concurrent.CountDownLatch
import java.util.concurrent.Executors

/** The way to a receiver that may be down, slow, or out of its mind. */
class WebhookSpec extends Specification {

  static final Duration BOUND = Duration.ofSeconds(60)

  def received = new ConcurrentLinkedQueue<String>()
  def go = new CountDownLatch(1)
  Closure<Void> answers = { HttpExchange exchange -> answer(exchange, 204) }
  def threads = Executors.newCachedThreadPool()
  HttpServer server = start(0)
  Webhook webhook
  @AutoCleanup
  LogLines log = new LogLines(Webhook)

  def cleanup() {
    go.countDown()
    webhook?.close()
    server?.stop(0)
    threads.shutdownNow()
  }

  HttpServer start(int port) {
    def made = HttpServer.create(new InetSocketAddress('127.0.0.1', port), 0)
    made.createContext('/secret-path') { HttpExchange exchange ->
      received << exchange.requestBody.text
      answers(exchange)
    }
    made.executor = threads
    made.start()
    made
  }

  static void answer(HttpExchange exchange, int status) {
    exchange.sendResponseHeaders(status, -1)
    exchange.close()
  }

  Webhook to(int port) {
    webhook = new Webhook(new URI("http://127.0.0.1:$port/secret-path"), { it.reason() }, Duration.ofMillis(50))
  }

  static AlertMessage message(String reason) {
    new AlertMessage(AlertMessage.Event.RAISED, AlertKind.PIPELINE_LAG, 'orders', 'node-1', reason, Instant.EPOCH, Instant.EPOCH)
  }

  void await(Callable<?> assertions) {
    Await.until(BOUND, assertions)
  }

  List<String> logged() {
    log.texts()
  }

  def "messages are posted in their order, as JSON, and one that is taken is not sent again"() {
    given:
    def types = new ConcurrentLinkedQueue<String>()
    answers = { HttpExchange exchange -> types << exchange.requestHeaders.getFirst('Content-Type'); answer(exchange, 200) }

    when:
    to(server.address.port)
    ['a', 'b', 'c'].each { webhook.post(message(it)) }
    await { assert received.size() >= 3 }

    then:
    received as List == ['a', 'b', 'c']
    types.toSet() == ['application/json'] as Set
    webhook.failed() == 0
  }

  @Tag('long')
  def "a receiver that answers #status is tried five times more, then the next message has its turn"() {
    given:
    answers = { HttpExchange exchange -> answer(exchange, received.last() == 'a' ? status : 200) }

    when:
    to(server.address.port)
    ['a', 'b'].each { webhook.post(message(it)) }
    await { assert received.contains('b') }

    then:
    received as List == ['a'] * 6 + ['b']
    webhook.failed() == 1
    logged().any { it.contains("did not take a message at 6 attempts: it answered with status $status") && it.contains('of orders: a') }
    logged().every { !it.contains('secret-path') }

    where:
    status << [500, 404, 302]
  }

  def "a receiver that is down gets its message once it is there"() {
    given:
    int port = server.address.port
    server.stop(0)
    server = null

    when:
    to(port)
    webhook.post(message('a'))
    server = start(port)
    await { assert !received.empty }

    then:
    received as List == ['a']
  }

  @Tag('long')
  def "one that #how is given up after three seconds, and costs whoever posts nothing"() {
    given:
    answers = { HttpExchange exchange -> received.size() == 1 ? hang(exchange, written) : answer(exchange, 200) }

    when:
    to(server.address.port)
    def began = System.nanoTime()
    webhook.post(message('a'))
    def took = System.nanoTime() - began
    await { assert received.size() >= 2 }
    def again = System.nanoTime() - began

    then:
    took < Duration.ofMillis(500).toNanos()
    again > Duration.ofMillis(2_900).toNanos()
    again < Duration.ofSeconds(10).toNanos()

    where:
    how                 | written
    'never answers'     | false
    'never ends a body' | true
  }

  private void hang(HttpExchange exchange, boolean written) {
    if (!written) {
      go.await()
    }
    exchange.sendResponseHeaders(200, 0)
    while (go.count > 0) {
      exchange.responseBody.write(new byte[1_000])
      exchange.responseBody.flush()
    }
  }

  def "beyond a hundred that wait, messages are dropped, counted and logged, and nobody waits"() {
    given:
    answers = { HttpExchange exchange -> go.await(); answer(exchange, 200) }
    to(server.address.port)
    webhook.post(message('first'))
    await { assert !received.empty }

    when:
    def began = System.nanoTime()
    105.times { webhook.post(message("m$it")) }

    then:
    System.nanoTime() - began < Duration.ofSeconds(2).toNanos()
    webhook.failed() == 5
    logged().count { it.contains("the webhook's queue of 100 messages is full") } == 5
  }

  def "closed, it neither waits for the receiver nor sends what is left"() {
    given:
    answers = { HttpExchange exchange -> go.await(); answer(exchange, 200) }
    to(server.address.port)
    ['a', 'b'].each { webhook.post(message(it)) }
    await { assert !received.empty }

    when:
    def began = System.nanoTime()
    webhook.close()

    then:
    System.nanoTime() - began < Duration.ofSeconds(3).toNanos()
    received as List == ['a']
  }
}
