package io.exactlyonce.ops

import io.exactlyonce.handler.ForPipeline
import io.exactlyonce.handler.Handler
import io.exactlyonce.handler.Outcome
import io.exactlyonce.handler.Output
import io.exactlyonce.local.BackendsSpec
import io.micronaut.context.ApplicationContext
import io.micronaut.context.RuntimeBeanDefinition
import io.micronaut.json.JsonMapper
import io.micronaut.core.type.Argument
import io.micronaut.inject.annotation.MutableAnnotationMetadata
import io.micronaut.runtime.server.EmbeddedServer
import org.apache.kafka.clients.producer.ProducerRecord
import org.apache.kafka.common.header.internals.RecordHeader

import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse
import java.time.Duration

/** A stop as an operator meets it: readiness, {@code /pipelines}, and the POSTs that go on. */
class StopsControllerSpec extends BackendsSpec {

  static final Duration BOUND = Duration.ofSeconds(60)

  String source = unique('fussy-in')
  String sink = unique('fussy-out')
  String group = unique('fussy')
  HttpClient http = HttpClient.newHttpClient()
  EmbeddedServer server
  volatile boolean calm

  def setup() {
    createTopic(source, 2)
    createTopic(sink, 1)
    server = ApplicationContext.builder()
        .overrideConfigLocations('classpath:no-such-file')
        .beanDefinitions(RuntimeBeanDefinition.builder(Handler, { fussy() })
            .singleton(true)
            .annotationMetadata(forPipeline())
            .build())
        .properties([
            'micronaut.application.name' : 'fussy-spec',
            'micronaut.server.port'      : -1,
            'kafka.bootstrap.servers'    : bootstrapServers,
            'redis.uri'                  : redisUri,
            'endpoints.health.enabled'   : true,
            'endpoints.health.sensitive' : false,
            'endpoints.health.details-visible': 'ANONYMOUS',
            'pipelines.fussy.source'     : source,
            'pipelines.fussy.sinks'      : sink,
            'pipelines.fussy.group'      : group,
            'pipelines.fussy.instance-id': 'spec',
            'pipelines.fussy.retry.on-exhausted': 'stop',
            'pipelines.fussy.retry.backoff': '1ms'])
        .build()
        .start()
        .getBean(EmbeddedServer)
    server.start()
  }

  static forPipeline() {
    def metadata = new MutableAnnotationMetadata()
    metadata.addDeclaredAnnotation(ForPipeline.name, [value: 'fussy'])
    metadata
  }

  /** Throws at what begins with "bad", unless it is calm. */
  Handler<byte[]> fussy() {
    return { event ->
      def value = new String(event.value() as byte[])
      if (!calm && value.startsWith('bad')) throw new IllegalStateException("cannot book $value")
      Outcome.emit(Output.to(sink, event.key(), value))
    } as Handler<byte[]>
  }

  def cleanup() {
    server?.applicationContext?.close()
  }

  ProducerRecord<byte[], byte[]> record(String value, int partition) {
    new ProducerRecord<>(source, partition, null, value.bytes, value.bytes,
        [new RecordHeader('event-id', value.bytes)])
  }

  Map<String, Object> json(HttpResponse<String> response) {
    JsonMapper.createDefault().readValue(response.body().bytes, Argument.mapOf(String, Object))
  }

  HttpResponse<String> get(String path) {
    http.send(HttpRequest.newBuilder(server.URI.resolve(path)).build(), HttpResponse.BodyHandlers.ofString())
  }

  HttpResponse<String> post(String path) {
    http.send(HttpRequest.newBuilder(server.URI.resolve(path)).POST(HttpRequest.BodyPublishers.noBody()).build(),
        HttpResponse.BodyHandlers.ofString())
  }

  List<String> visible() {
    readCommitted(sink).collect { new String(it.value()) }.sort()
  }

  def "readiness is DOWN and says where and why; skip, dead-letter and retry go on, and it is UP again"() {
    when:
    await(BOUND) { get('/health/readiness').statusCode() == 200 }
    produce([record('bad1', 0), record('a', 0), record('b', 1), record('bad2', 1)])
    await(BOUND) { visible() == ['b'] && get('/pipelines').body().contains("$source-1@1") && get('/pipelines').body().contains("$source-0@0") }
    def health = get('/health/readiness')

    then:
    health.statusCode() == 503
    health.body().contains("$source-0@0: the handler threw at each of 3 attempts: java.lang.IllegalStateException at ")
    health.body().contains('decide by POST /pipelines/fussy/stops')
    !health.body().contains('cannot book')
    get('/pipelines').body().contains("\"position\":\"$source-0@0\"")

    when: 'what cannot be'
    def refused = [post("/pipelines/other/stops/$source-0@0/skip"), post("/pipelines/fussy/stops/$source-0@7/skip"),
                   post("/pipelines/fussy/stops/$source-0@0/jump")]

    then:
    refused*.statusCode() == [404, 404, 400]
    json(refused[0]).trouble == 'there is no pipeline other; there are [fussy]'
    json(refused[1]).trouble.contains('it stands at [')
    json(refused[2]).trouble == 'jump is none of: retry, skip, dead-letter'

    when:
    def skipped = post("/pipelines/fussy/stops/$source-0@0/skip?why=booked+by+hand")
    await(BOUND) { visible() == ['a', 'b'] }

    then:
    json(skipped).decided == ["$source-0@0".toString()]
    readCommitted("$group" + '.receipts').any { new String(it.value()).contains('"do":"skip","why":"booked by hand"') }

    when: 'the other is tried again in vain, then in earnest'
    post("/pipelines/fussy/stops/$source-1@1/retry")
    await(BOUND) { get('/pipelines').body().contains("$source-1@1") }
    calm = true
    def all = post('/pipelines/fussy/stops/retry')
    await(BOUND) { visible() == ['a', 'b', 'bad2'] }

    then:
    json(all).decided == ["$source-1@1".toString()]
    await(BOUND) { get('/health/readiness').statusCode() == 200 }
  }
}
