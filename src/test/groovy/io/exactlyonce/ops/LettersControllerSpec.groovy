package io.exactlyonce.ops

import io.exactlyonce.deadletter.LetterLook
import io.exactlyonce.deadletter.ReplayFilter
import io.exactlyonce.handler.ForPipeline
import io.exactlyonce.handler.Handler
import io.exactlyonce.handler.Outcome
import io.exactlyonce.local.BackendsSpec
import io.exactlyonce.wiring.Pipelines
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
import java.util.concurrent.CompletableFuture
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit

/** Dead letters over HTTP: what an operator needs to decide, and nothing that a record holds. */
class LettersControllerSpec extends BackendsSpec {

  static final Duration BOUND = Duration.ofSeconds(60)
  static final TOKEN = 'a-token-of-anns-0123456789'

  String source = unique('fussy-in')
  String group = unique('fussy')
  HttpClient http = HttpClient.newHttpClient()
  EmbeddedServer server

  def setup() {
    createTopic(source, 3)
    def metadata = new MutableAnnotationMetadata()
    metadata.addDeclaredAnnotation(ForPipeline.name, [value: 'fussy'])
    server = ApplicationContext.builder()
        .overrideConfigLocations('classpath:no-such-file')
        .beanDefinitions(RuntimeBeanDefinition.builder(Handler, { fussy() }).singleton(true).annotationMetadata(metadata).build())
        .properties([
            'micronaut.application.name' : 'letters-spec',
            'micronaut.server.port'      : -1,
            'kafka.bootstrap.servers'    : bootstrapServers,
            'redis.uri'                  : redisUri,
            'pipeline.admin.token'       : "ann:$TOKEN".toString(),
            'endpoints.health.enabled'   : true,
            'endpoints.health.sensitive' : false,
            'pipelines.fussy.source'     : source,
            'pipelines.fussy.sinks'      : "$source-out".toString(),
            'pipelines.fussy.group'      : group,
            'pipelines.fussy.instance-id': 'spec',
            'pipelines.fussy.topics.partitions': '1',
            'pipelines.fussy.topics.replication': '1',
            'pipelines.fussy.retry.attempts': '1'])
        .build()
        .start()
        .getBean(EmbeddedServer)
    server.start()
    await(BOUND) { assert get('/pipelines').body().contains('RUNNING') }
  }

  def cleanup() {
    server?.applicationContext?.close()
  }

  /** Throws at everything, but calls what is odd by its name. */
  static Handler<byte[]> fussy() {
    return { event ->
      if (new String(event.value() as byte[]).startsWith('odd')) return Outcome.deadLetter('an odd one')
      throw new IOException('no luck')
    } as Handler<byte[]>
  }

  void fail(String... values) {
    produce(values.toList().withIndex().collect { value, i ->
      new ProducerRecord<byte[], byte[]>(source, i % 3, null, 'the-key'.bytes, value.bytes, [new RecordHeader('event-id', "id-$value".bytes)])
    })
    await(BOUND) { assert readCommitted("${group}.dead-letters").size() == values.size() }
  }

  HttpResponse<String> get(String path, String token = null) {
    def request = HttpRequest.newBuilder(server.URI.resolve(path)).timeout(BOUND)
    if (token) request.header('Authorization', "Bearer $token")
    http.send(request.build(), HttpResponse.BodyHandlers.ofString())
  }

  static Map<String, Object> json(HttpResponse<String> response) {
    JsonMapper.createDefault().readValue(response.body().bytes, Argument.mapOf(String, Object))
  }

  @Tag('long')
  def "letters are listed with place, time, source and reason; message and stack are for who holds a token"() {
    given:
    fail('io-value', 'odd-value')

    when:
    def everybody = get('/pipelines/fussy/letters')
    def wrongToken = get('/pipelines/fussy/letters', 'another-token-0123456789')
    def known = get('/pipelines/fussy/letters', TOKEN)

    then:
    [everybody, wrongToken, known]*.statusCode() == [200, 200, 200]
    everybody.headers().firstValue('Content-Type').get().startsWith('application/json')
    everybody.body() == wrongToken.body()
    def letters = json(everybody).letters as List<Map>
    letters*.source.toSet() == ["$source-0@0".toString(), "$source-1@0".toString()] as Set
    def io = letters.find { it.source == "$source-0@0" as String }
    (io.position as String) ==~ /$group\.dead-letters-0@\d+/
    (io.time as String) ==~ /20\d\d-.*Z/
    io.eventId == 'id-io-value'
    io.reason == 'the handler threw at each of 1 attempts'
    io.exception == 'java.io.IOException'
    letters.find { it != io }.reason == 'an odd one'

    and:
    !everybody.body().contains('no luck')
    !everybody.body().contains('\\tat ')
    json(everybody).hidden.contains('PIPELINE_ADMIN_TOKEN')
    json(everybody).before == null
    def seen = (json(known).letters as List<Map>).find { it.exception }
    seen.message == 'no luck'
    (seen.stack as String).startsWith('java.io.IOException: no luck\n')
    json(known).hidden == null

    and: 'neither key nor value'
    [everybody, known].every { !it.body().contains('the-key') && !it.body().contains('"io-value"') }
  }

  @Tag('long')
  def "the command's options choose letters as parameters, and before goes on where an answer ended"() {
    given:
    fail('io-1', 'odd-2', 'odd-3')
    def sources = { String query -> (json(get("/pipelines/fussy/letters?$query")).letters as List<Map>)*.eventId.toSet() }

    expect:
    sources('reason=AN%20ODD') == ['id-odd-2', 'id-odd-3'] as Set
    sources('exception=IOException,NoSuch') == ['id-io-1'] as Set
    sources('id=id-io-1&id=id-odd-2') == ['id-io-1', 'id-odd-2'] as Set
    sources("position=$source-2@0") == ['id-odd-3'] as Set
    sources('since=PT1H') .size() == 3
    get('/pipelines/fussy/letters?until=PT1H').body().startsWith('{"letters":[]')
    sources('since=PT1H&reason=odd&id=id-odd-3') == ['id-odd-3'] as Set

    when:
    def first = json(get('/pipelines/fussy/letters?limit=2'))
    def second = json(get("/pipelines/fussy/letters?limit=2&before=${first.before}"))

    then:
    (first.letters as List).size() == 2
    (second.letters as List).size() == 1
    second.before == null
    ((first.letters + second.letters) as List<Map>)*.eventId.toSet().size() == 3
  }

  def "what cannot be asked is refused with what to write"() {
    when:
    def refused = ['limit=0', 'limit=201', 'limit=x', 'limit=1&limit=2', 'since=yesterday', 'position=orders', 'before=orders-0@1', 'reson=odd']
        .collect { get("/pipelines/fussy/letters?$it") }
    def unknown = get('/pipelines/other/letters')

    then:
    refused*.statusCode() == [400] * 8
    refused.collect { json(it).trouble } == [
        'limit: is not from 1 to 200', 'limit: is not from 1 to 200', 'limit: is not from 1 to 200', 'limit: is there twice',
        'since: is no time; write 2026-11-01T00:00:00Z or PT1H', 'position: is no position; write orders-3@17',
        'before: is not what an earlier answer gave as "before"',
        'reson: is none of since, until, reason, exception, id, position, partition, limit, before']
    unknown.statusCode() == 404
    json(unknown).trouble == 'there is no such pipeline; there are [fussy]'
  }

  @Tag('long')
  def "while a look is under way another is told so at once, and everything else is answered"() {
    given:
    fail('io-1')
    def begun = new CountDownLatch(1)
    def go = new CountDownLatch(1)
    def ids = new AbstractSet<String>() {
      @Override
      boolean isEmpty() {
        begun.countDown()
        go.await(60, TimeUnit.SECONDS)
        true
      }

      @Override
      Iterator<String> iterator() { [].iterator() as Iterator<String> }

      @Override
      int size() { 0 }
    }
    def look = server.applicationContext.getBean(Pipelines).letters('fussy').get()
    def held = CompletableFuture.supplyAsync {
      look.look(new LetterLook.Wanted(new ReplayFilter(null, null, [] as Set, [] as Set, ids, [] as Set, [] as Set), 50, [:]))
    }
    begun.await(60, TimeUnit.SECONDS)

    when:
    def busy = (1..20).collect { http.sendAsync(HttpRequest.newBuilder(server.URI.resolve('/pipelines/fussy/letters')).build(), HttpResponse.BodyHandlers.ofString()) }*.get(20, TimeUnit.SECONDS)
    def others = [get('/health/liveness'), get('/pipelines')]*.statusCode()
    go.countDown()
    held.get(60, TimeUnit.SECONDS)

    then:
    busy*.statusCode().every { it == 429 }
    busy[0].headers().firstValue('Retry-After').present
    json(busy[0]).trouble.contains('under way')
    others == [200, 200]
    get('/pipelines/fussy/letters').statusCode() == 200
  }
}
