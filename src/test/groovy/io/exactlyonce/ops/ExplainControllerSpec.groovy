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
import java.time.Instant
import java.util.concurrent.CountDownLatch

/** What the instance that runs the pipeline says of a record that the log alone cannot tell. */
@Tag('long')
class ExplainControllerSpec extends BackendsSpec {

  static final Duration BOUND = Duration.ofSeconds(60)
  static final TOKEN = 'a-token-of-anns-0123456789'

  String source = unique('asked-in')
  String sink = unique('asked-out')
  String group = unique('asked')
  HttpClient http = HttpClient.newHttpClient()
  EmbeddedServer server
  def gate = new CountDownLatch(1)

  def setup() {
    createTopic(source, 2)
    createTopic(sink, 1)
  }

  def cleanup() {
    gate.countDown()
    server?.applicationContext?.close()
  }

  void start(Map<String, Object> more) {
    def metadata = new MutableAnnotationMetadata()
    metadata.addDeclaredAnnotation(ForPipeline.name, [value: 'asked'])
    server = ApplicationContext.builder()
        .overrideConfigLocations('classpath:no-such-file')
        .beanDefinitions(RuntimeBeanDefinition.builder(Handler, { handler() }).singleton(true).annotationMetadata(metadata).build())
        .properties([
            'micronaut.application.name' : 'asked-spec',
            'micronaut.server.port'      : -1,
            'kafka.bootstrap.servers'    : bootstrapServers,
            'redis.uri'                  : redisUri,
            'pipeline.admin.token'       : "ann:$TOKEN".toString(),
            'pipelines.asked.source'     : source,
            'pipelines.asked.sinks'      : sink,
            'pipelines.asked.group'      : group,
            'pipelines.asked.instance-id': 'spec',
            'pipelines.asked.retry.backoff': '1ms'] + more)
        .build().start().getBean(EmbeddedServer)
    server.start()
  }

  /** Stands at "slow" and throws at "bad". */
  Handler<byte[]> handler() {
    return { event ->
      def value = new String(event.value() as byte[])
      if (value == 'slow') gate.await()
      if (value == 'bad') throw new IllegalStateException("cannot book $value")
      Outcome.emit(Output.to(sink, event.key(), value))
    } as Handler<byte[]>
  }

  void send(int partition, String... values) {
    produce(values.collect { new ProducerRecord<byte[], byte[]>(source, partition, null, it.bytes, it.bytes, [new RecordHeader('event-id', it.bytes)]) })
  }

  Map<String, Object> explained(String query) {
    def request = HttpRequest.newBuilder(server.URI.resolve("/pipelines/asked/explain?$query")).timeout(BOUND).header('Authorization', "Bearer $TOKEN")
    def response = http.send(request.build(), HttpResponse.BodyHandlers.ofString())
    assert response.statusCode() == 200
    JsonMapper.createDefault().readValue(response.body().bytes, Argument.mapOf(String, Object))
  }

  String fate(String query) {
    explained(query).fate
  }

  def "a record whose handler stands is in flight, by id and by position, and processed after that"() {
    given:
    start([:])
    send(0, 'slow')

    when:
    await(BOUND) { assert fate('id=slow') == 'IN_FLIGHT' }
    def found = explained("position=$source-0@0")

    then:
    found.fate == 'IN_FLIGHT'
    !found.processed
    found.why ==~ /the group's offset is 0; worker asked-spec-\d has read it, and its commit was not seen yet|the group has no offset of it; worker asked-spec-\d has .*/
    (found.records as List<Map>)*.fate == ['IN_FLIGHT']

    when:
    gate.countDown()

    then:
    await(BOUND) { assert fate('id=slow') == 'PROCESSED' }
  }

  def "a record at which its partition is stopped is stopped, with what decides, and the one behind it waits"() {
    given:
    start(['pipelines.asked.retry.on-exhausted': 'stop'])
    def before = Instant.now()
    send(0, 'bad', 'behind')

    when:
    await(BOUND) { assert fate('id=bad') == 'STOPPED' }
    def stopped = explained('id=bad')
    def behind = explained('id=behind')

    then:
    !stopped.processed
    (stopped.why as String).contains("/stops/$source-0@0/retry, /skip or /dead-letter")
    (stopped.why as String).contains('the handler threw at each of 3 attempts: java.lang.IllegalStateException')
    !(stopped.why as String).contains('cannot book')
    def since = (stopped.why as String =~ /its partition is stopped since (\S+) /)[0][1] as String
    Instant.parse(since) >= before

    and:
    behind.fate == 'NOT_YET'
    (behind.why as String).contains("it is behind $source-0@0, at which its partition is stopped since $since")
  }

  def "a record of a retry topic at which that is stopped is stopped, and waits no more"() {
    given:
    start(['pipelines.asked.retry.on-exhausted': 'stop', 'pipelines.asked.retry.topics': '10s', 'pipelines.asked.ordering': 'none', 'pipelines.asked.retry.attempts': '1'])
    send(1, 'bad')

    expect:
    await(BOUND) { assert fate('id=bad') == 'WAITING' }
    await(BOUND) { assert fate('id=bad') == 'STOPPED' }
    (explained("position=$source-1@0").why as String).contains("/stops/${group}.retry.10s-")
  }
}
