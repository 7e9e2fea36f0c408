package io.exactlyonce.ops

import io.exactlyonce.handler.ForPipeline
import io.exactlyonce.handler.Handler
import io.exactlyonce.handler.Outcome
import io.exactlyonce.handler.Output
import io.exactlyonce.local.BackendsSpec
import io.micronaut.context.ApplicationContext
import io.micronaut.context.RuntimeBeanDefinition
import io.micronaut.core.type.Argument
import io.micronaut.inject.annotation.MutableAnnotationMetadata
import io.micronaut.json.JsonMapper
import io.micronaut.runtime.server.EmbeddedServer
import org.apache.kafka.clients.producer.ProducerRecord
import org.apache.kafka.common.header.internals.RecordHeader
import spock.lang.Tag

import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse
import java.time.Duration

/** A stop as an operator meets it: readiness, {@code /pipelines}, and the POSTs that go on. */
class StopsControllerSpec extends BackendsSpec {

  static final Duration BOUND = Duration.ofSeconds(60)
  static final ANNS_TOKEN = 'a-token-of-anns-0123456789'
  static final BENS_TOKEN = 'a-token-of-bens-0123456789'

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
            'pipeline.admin.token'       : "ann:$ANNS_TOKEN,ben:$BENS_TOKEN".toString(),
            'pipeline.admin.hosts'       : 'ops.example',
            'ingest'                     : true,
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

  HttpResponse<String> post(String path, String body = '{}') {
    post([:], path, body)
  }

  /** As Ann does it; a header that is null is left out. */
  HttpResponse<String> post(Map<String, String> headers, String path, String body) {
    def request = HttpRequest.newBuilder(server.URI.resolve(path)).POST(HttpRequest.BodyPublishers.ofString(body))
    def all = [Authorization: "Bearer $ANNS_TOKEN".toString(), 'Content-Type': 'application/json'] + headers
    all.findAll { it.value != null }.each { name, value -> request.header(name, value) }
    http.send(request.build(), HttpResponse.BodyHandlers.ofString())
  }

  List<String> visible() {
    readCommitted(sink).collect { new String(it.value()) }.sort()
  }

  @Tag('long')
  def "readiness is DOWN and says where and why; skip, dead-letter and retry go on, and it is UP again"() {
    when:
    await(BOUND) { assert get('/health/readiness').statusCode() == 200 }
    produce([record('bad1', 0), record('a', 0), record('b', 1), record('bad2', 1)])
    await(BOUND) { assert visible() == ['b'] && get('/pipelines').body().contains("$source-1@1") && get('/pipelines').body().contains("$source-0@0") }
    def health = get('/health/readiness')

    then:
    health.statusCode() == 503
    health.body().contains("$source-0@0: the handler threw at each of 3 attempts: java.lang.IllegalStateException at ")
    health.body().contains('decide by POST /pipelines/fussy/stops')
    !health.body().contains('cannot book')
    get('/pipelines').body().contains("\"position\":\"$source-0@0\"")

    when: 'what cannot be'
    def refused = [post("/pipelines/other/stops/$source-0@0/skip"), post("/pipelines/fussy/stops/$source-0@7/skip", '{"why":"x"}'),
                   post("/pipelines/fussy/stops/$source-0@0/jump"), post("/pipelines/fussy/stops/$source-0@0/skip"),
                   post("/pipelines/fussy/stops/$source-0@0/dead-letter", '{"why":" "}')]

    then:
    refused*.statusCode() == [404, 404, 400, 400, 400]
    json(refused[0]).trouble == 'there is no pipeline other; there are [fussy]'
    json(refused[1]).trouble.contains('; its stops are [')
    json(refused[2]).trouble == 'verb: jump is none of: retry, skip, dead-letter'
    refused[3..4].every { json(it).trouble.startsWith('why: is missing; send ') }

    when:
    def skipped = post("/pipelines/fussy/stops/$source-0@0/skip", '{"why":"booked by hand"}')
    await(BOUND) { assert visible() == ['a', 'b'] }

    then:
    json(skipped).decided == ["$source-0@0".toString()]
    readCommitted("$group" + '.receipts').any { new String(it.value()).contains('"do":"skip","why":"booked by hand","who":"ann"') }

    when: 'the other is tried again in vain, then in earnest'
    post("/pipelines/fussy/stops/$source-1@1/retry")
    await(BOUND) { assert get('/pipelines').body().contains("$source-1@1") }
    calm = true
    def all = post('/pipelines/fussy/stops/retry')
    await(BOUND) { assert visible() == ['a', 'b', 'bad2'] }

    then:
    json(all).decided == ["$source-1@1".toString()]
    await(BOUND) { assert get('/health/readiness').statusCode() == 200 }
  }

  @Tag('long')
  def "a decision needs a token, JSON, a host that is ours and no page elsewhere: #what"() {
    given:
    await(BOUND) { assert get('/health/readiness').statusCode() == 200 }
    produce([record('bad1', 0)])
    await(BOUND) { assert get('/pipelines').body().contains("$source-0@0") }

    when:
    def response = post(headers, "/pipelines/fussy/stops/$source-0@0/skip", '{"why":"x"}')

    then:
    response.statusCode() == status
    response.body().contains(remedy)
    !response.body().contains(ANNS_TOKEN)
    status == 200 || get('/pipelines').body().contains("$source-0@0")

    where:
    what                        | headers                                                     || status | remedy
    'no token'                  | [Authorization: null]                                       || 401    | 'PIPELINE_ADMIN_TOKEN'
    'a wrong token'             | [Authorization: "Bearer ${ANNS_TOKEN}x".toString()]         || 401    | 'Authorization: Bearer'
    'the beginning of a token'  | [Authorization: "Bearer ${ANNS_TOKEN[0..-2]}".toString()]   || 401    | 'Authorization: Bearer'
    'another scheme'            | [Authorization: "Basic $ANNS_TOKEN".toString()]             || 401    | 'Authorization: Bearer'
    'a form'                    | ['Content-Type': 'application/x-www-form-urlencoded']       || 415    | 'application/json'
    'text'                      | ['Content-Type': 'text/plain']                              || 415    | 'application/json'
    'no content type'           | ['Content-Type': null]                                      || 415    | 'application/json'
    'a page elsewhere'          | [Origin: 'http://evil.example']                             || 403    | 'Origin or Sec-Fetch-Site'
    'a page without an origin'  | [Origin: 'null']                                            || 403    | 'Origin or Sec-Fetch-Site'
    'another one of the tokens' | [Authorization: "bearer $BENS_TOKEN".toString()]            || 200    | 'decided'
  }

  def "a name that is bound to this address does not reach decisions, one that is configured does"() {
    expect: 'past the host, the request meets that there is no such pipeline'
    statusWithHost('evil.example') == 403
    statusWithHost("evil.example:${server.port}") == 403
    statusWithHost('localhost.evil.example') == 403
    statusWithHost('ops.example') == 404
    statusWithHost("LOCALHOST:${server.port}") == 404
    statusWithHost('[::1]:8080') == 404
  }

  def "a page of another host does not reach decisions, wherever the server runs"() {
    expect:
    statusWithHost('ops.example:8080', 'http://evil.example') == 403
    statusWithHost('ops.example:8080', 'null') == 403
    statusWithHost('ops.example:8080', 'http://ops.example:8080') == 404
  }

  @Tag('long')
  def "an endpoint of the application's own needs no token, but a host that is ours and no page elsewhere: #host #origin"() {
    expect:
    statusWithHost(host, origin, '/ingest/taken') == status

    where:
    host                | origin                     || status
    'localhost:8080'    | null                       || 202
    '10.1.2.3:8080'     | null                       || 202
    'ops.example'       | 'http://ops.example'       || 202
    'evil.example'      | null                       || 403
    'evil.example:8080' | 'http://evil.example:8080' || 403
    'localhost:8080'    | 'http://evil.example'      || 403
    'localhost:8080'    | 'null'                     || 403
  }

  /** HttpClient sets the header Host itself, so the request is written by hand. */
  int statusWithHost(String host, String origin = null, String path = '/pipelines/none/stops/retry') {
    new Socket('127.0.0.1', server.port).withCloseable { socket ->
      socket.soTimeout = 20_000
      socket.outputStream << "POST $path HTTP/1.1\r\nHost: $host\r\nConnection: close\r\n" +
          "Authorization: Bearer $ANNS_TOKEN\r\nContent-Type: application/json\r\nContent-Length: 2\r\n" +
          (origin ? "Origin: $origin\r\n" : '') + '\r\n{}'
      socket.inputStream.newReader().readLine().tokenize(' ')[1] as int
    }
  }

  def "reading needs no token"() {
    expect:
    [get('/pipelines'), get('/health/liveness')]*.statusCode() == [200, 200]
  }
}
