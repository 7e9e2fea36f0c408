package com.example.payments

import io.exactlyonce.local.Await
import io.exactlyonce.local.KafkaHelper
import io.exactlyonce.local.LocalKafka
import io.exactlyonce.wiring.tracing.Collector
import io.micronaut.context.ApplicationContext
import io.micronaut.runtime.server.EmbeddedServer
import spock.lang.AutoCleanup
import spock.lang.Shared
import spock.lang.Specification

import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse
import java.time.Duration

/** The trace of a request goes on in the record that it puts on the log. */
class PaymentTraceSpec extends Specification {

  static final TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
  static final PARENT = '00f067aa0ba902b7'
  static final PAYMENT = '{"debtor":"alice","creditor":"bob","cents":250,"currency":"EUR"}'

  @Shared
  @AutoCleanup
  LocalKafka broker = LocalKafka.start()

  @Shared
  @AutoCleanup
  KafkaHelper kafka = new KafkaHelper(broker.bootstrapServers())

  @AutoCleanup
  Collector collector = Collector.start()

  EmbeddedServer server

  def setupSpec() {
    kafka.createTopic('payments', 2, [:])
    kafka.createTopic('ledger', 2, [:])
  }

  def cleanup() {
    server?.applicationContext?.close()
  }

  void start(boolean traced) {
    server = ApplicationContext.builder()
        .overrideConfigLocations('classpath:no-such-file')
        .properties(
            'micronaut.application.name': 'payments-traced',
            'micronaut.server.port': -1,
            'kafka.bootstrap.servers': broker.bootstrapServers(),
            'redis.uri': 'redis://127.0.0.1:1',
            'endpoints.health.sensitive': false,
            'tracing.enabled': traced,
            'otel.bsp.schedule.delay': '50',
            'otel.exporter.otlp.endpoint': collector.address())
        .build()
        .start()
        .getBean(EmbeddedServer)
    server.start()
  }

  HttpResponse<String> pay(String key, String body = PAYMENT) {
    def request = HttpRequest.newBuilder(server.URI.resolve('/payments'))
        .header('Content-Type', 'application/json')
        .header('Idempotency-Key', key)
        .header('traceparent', "00-$TRACE-$PARENT-01")
        .POST(HttpRequest.BodyPublishers.ofString(body)).build()
    HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString())
  }

  /** Of the record with this event id. */
  String traceparent(String id) {
    def record = kafka.readCommitted('payments').find { new String(it.headers().lastHeader('event-id').value()) == id }
    def header = record.headers().lastHeader('traceparent')
    header == null ? null : new String(header.value())
  }

  def "the record carries the trace of its request, and the collector gets the spans between"() {
    when:
    start(true)
    def accepted = pay('traced-1')
    def refused = pay('traced-2', '{"debtor":"mallory"')
    HttpClient.newHttpClient().send(HttpRequest.newBuilder(server.URI.resolve('/health')).build(), HttpResponse.BodyHandlers.ofString())

    then:
    [accepted, refused]*.statusCode() == [202, 400]
    traceparent('traced-1') ==~ "00-$TRACE-[0-9a-f]{16}-01"
    !traceparent('traced-1').contains(PARENT)
    Await.within(Duration.ofSeconds(10)) { collector.has('POST /payments') && collector.has('send payments') && collector.hasTrace(TRACE) }

    when:
    server.applicationContext.close()

    then: 'nothing of a body, and no scrape'
    !collector.has('mallory')
    !collector.has('GET /health')
  }

  def "nothing is traced unless it is asked for"() {
    when:
    start(false)
    def accepted = pay('plain-1')

    then:
    accepted.statusCode() == 202
    traceparent('plain-1') == null
    collector.requests() == 0
  }
}
