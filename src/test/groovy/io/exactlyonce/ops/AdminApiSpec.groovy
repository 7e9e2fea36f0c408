package io.exactlyonce.ops

import io.exactlyonce.handler.ForPipeline
import io.exactlyonce.handler.Handler
import io.exactlyonce.handler.Outcome
import io.exactlyonce.handler.Output
import io.exactlyonce.local.BackendsSpec
import io.exactlyonce.receipt.Receipt
import io.exactlyonce.receipt.ReceiptReader
import io.micronaut.context.ApplicationContext
import io.micronaut.context.RuntimeBeanDefinition
import io.micronaut.core.type.Argument
import io.micronaut.inject.annotation.MutableAnnotationMetadata
import io.micronaut.json.JsonMapper
import io.micronaut.runtime.server.EmbeddedServer
import org.apache.kafka.clients.consumer.KafkaConsumer
import org.apache.kafka.clients.producer.ProducerRecord
import org.apache.kafka.common.header.internals.RecordHeader
import org.apache.kafka.common.serialization.ByteArrayDeserializer
import spock.lang.Tag

import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse
import java.time.Duration
import java.time.Instant
import java.util.concurrent.CountDownLatch

/** What an operator does over HTTP, each act right and wrong, on a pipeline that runs. */
@Tag('long')
class AdminApiSpec extends BackendsSpec {

  static final Duration BOUND = Duration.ofSeconds(60)
  static final TOKEN = 'a-token-of-anns-0123456789'

  String source = unique('admin-in')
  String sink = unique('admin-out')
  String group = unique('admin')
  HttpClient http = HttpClient.newHttpClient()
  EmbeddedServer server
  volatile boolean calm
  def gate = new CountDownLatch(1)

  def setup() {
    createTopic(source, 2)
    createTopic(sink, 1)
    start([:])
  }

  def cleanup() {
    gate.countDown()
    server?.applicationContext?.close()
  }

  void start(Map<String, Object> more) {
    def metadata = new MutableAnnotationMetadata()
    metadata.addDeclaredAnnotation(ForPipeline.name, [value: 'admin'])
    server = ApplicationContext.builder()
        .overrideConfigLocations('classpath:no-such-file')
        .beanDefinitions(RuntimeBeanDefinition.builder(Handler, { handler() }).singleton(true).annotationMetadata(metadata).build())
        .properties([
            'micronaut.application.name': 'admin-spec',
            'micronaut.server.port'     : -1,
            'kafka.bootstrap.servers'   : bootstrapServers,
            'redis.uri'                 : redisUri,
            'pipeline.admin.token'      : "ann:$TOKEN".toString(),
            'pipelines.admin.source'    : source,
            'pipelines.admin.sinks'     : sink,
            'pipelines.admin.group'     : group,
            'pipelines.admin.instance-id': 'spec',
            'pipelines.admin.retry.attempts': '1'] + more)
        .build().start().getBean(EmbeddedServer)
    server.start()
    await(BOUND) { assert get('/pipelines').body().contains('"state":"RUNNING","') }
  }

  Handler<byte[]> handler() {
    return { event ->
      def value = new String(event.value() as byte[])
      if (value == 'stuck-7c1f') gate.await()
      if (!calm && value.startsWith('bad')) throw new IllegalStateException('the bank is closed')
      Outcome.emit(Output.to(sink, event.key(), value))
    } as Handler<byte[]>
  }

  void send(String... values) {
    produce(values.collect { new ProducerRecord<byte[], byte[]>(source, it.hashCode() & 1, null, it.bytes, it.bytes, [new RecordHeader('event-id', it.bytes)]) })
  }

  List<String> visible() {
    readCommitted(sink).collect { new String(it.value()) }.sort()
  }

  HttpResponse<String> get(String path, boolean known = true) {
    def request = HttpRequest.newBuilder(server.URI.resolve(path)).timeout(BOUND)
    if (known) request.header('Authorization', "Bearer $TOKEN")
    http.send(request.build(), HttpResponse.BodyHandlers.ofString())
  }

  HttpResponse<String> post(String path, String body = '{}') {
    def request = HttpRequest.newBuilder(server.URI.resolve(path)).timeout(BOUND).header('Authorization', "Bearer $TOKEN").header('Content-Type', 'application/json')
    http.send(request.POST(HttpRequest.BodyPublishers.ofString(body)).build(), HttpResponse.BodyHandlers.ofString())
  }

  /** The first event of the stream, which has all that is known. */
  String look() {
    def answer = http.send(HttpRequest.newBuilder(server.URI.resolve('/console/live')).timeout(BOUND).build(), HttpResponse.BodyHandlers.ofInputStream())
    answer.body().withReader('UTF-8') { it.readLine() + it.readLine() }
  }

  static Map<String, Object> json(HttpResponse<String> response) {
    JsonMapper.createDefault().readValue(response.body().bytes, Argument.mapOf(String, Object))
  }

  /** The job that the request started, when it has ended. */
  Map<String, Object> done(HttpResponse<String> started) {
    assert started.statusCode() == 202 : started.body()
    def id = json(started).id
    Map<String, Object> job = [:]
    await(BOUND) {
      job = json(get("/pipelines/admin/jobs/$id"))
      assert job.state != 'RUNNING'
    }
    job
  }

  def "a paused pipeline takes nothing in, says who paused it, and goes on where it stood"() {
    given:
    send('a')
    await(BOUND) { assert visible() == ['a'] }

    when:
    def paused = post('/pipelines/admin/pause')
    await(BOUND) { assert get('/pipelines').body().contains('admin is paused by ann since ') }
    // A poll that was under way still brings what it finds.
    await(BOUND) { assert look().contains('"paused":2') }
    send('b', 'c')
    await(BOUND) { assert (json(get('/pipelines/admin/explain?id=c')).fate as String) == 'NOT_YET' }

    then: 'a worker made turns since, as its status shows, and nothing came of them'
    json(paused).pausedBy == 'ann'
    visible() == ['a']

    when:
    def resumed = post('/pipelines/admin/resume')

    then:
    json(resumed).pausedBy == null
    await(BOUND) { assert visible() == ['a', 'b', 'c'] }
  }

  /** A worker that is replaced has another thread of the same name; null while there is none. */
  static Long threadOf(String worker) {
    Thread.allStackTraces.keySet().find { it.name == worker }?.id
  }

  def "workers are scaled and replaced, and records are processed once all the same"() {
    when:
    def wrong = ['{}', '{"workers":0}', '{"workers":257}', '{"workers":"many"}'].collect { post('/pipelines/admin/scale', it) }

    then:
    wrong*.statusCode() == [400] * 4
    wrong.every { json(it).trouble.startsWith('workers: ') }

    when: 'one of two numbers is wrong'
    def half = ['{"concurrency":0}', '{"concurrency":10001}', '{"concurrency":"many"}', '{"workers":0,"concurrency":7}', '{"workers":2,"concurrency":0}'].collect { post('/pipelines/admin/scale', it) }

    then: 'nothing has changed'
    half*.statusCode() == [400] * 5
    half.collect { json(it).trouble.tokenize(':')[0] } == ['concurrency', 'concurrency', 'concurrency', 'workers', 'concurrency']
    json(post('/pipelines/admin/resume')).subMap('workers', 'concurrency') == [workers: 1, concurrency: 1]

    when:
    def more = json(post('/pipelines/admin/scale', '{"concurrency":4}'))

    then:
    more.subMap('workers', 'concurrency') == [workers: 1, concurrency: 4]

    when:
    send(*(1..50).collect { "r$it".toString() })
    post('/pipelines/admin/scale', '{"workers":2}')
    await(BOUND) { assert get('/pipelines').body().contains('admin-spec-1') }
    def before = threadOf('admin-spec-0')
    def restarted = post('/pipelines/admin/workers/admin-spec-0/restart')
    send(*(51..100).collect { "r$it".toString() })

    then:
    restarted.statusCode() == 202
    await(BOUND) { assert before != null && threadOf('admin-spec-0') !in [null, before] }
    await(BOUND) { assert visible().size() == 100 && visible().toSet().size() == 100 }
    post('/pipelines/admin/workers/nobody/restart').statusCode() == 404
    done(post('/pipelines/admin/audits')).result.proof == true
  }

  def "an audit covers the pipeline's retry topics"() {
    given:
    server.applicationContext.close()
    start('pipelines.admin.retry.topics': '8s', 'pipelines.admin.ordering': 'none')
    send('a', 'bad')
    await(BOUND) { assert visible() == ['a'] && readCommitted("${group}.retry.8s").size() == 1 }
    calm = true
    await(BOUND) { assert visible() == ['a', 'bad'] }

    when:
    def audit = done(post('/pipelines/admin/audits')).result

    then:
    audit.clean == true
    audit.sourceRecords == 3
    audit.outputs == 2
    !audit.unjudged.toString().contains('not audited')
  }

  def "dead letters are previewed, replayed once, and explained"() {
    given:
    send('bad1', 'good')
    await(BOUND) { assert readCommitted("${group}.dead-letters").size() == 1 }

    when: 'a preview, which is also what an empty body asks for'
    def preview = done(post('/pipelines/admin/replays'))

    then:
    preview.kind == 'replay-preview'
    preview.result.replayed == 1
    (preview.result.letters as List)[0] ==~ /$group\.dead-letters-\d+@\d+ to $source-\d+@\d+/

    when: 'what is wrong'
    def wrong = ['{"dryRun":false}', '{"positions":["x"]}', '{"since":"yesterday"}', '{"limit":0}', '{"dryRun":"no","all":true}', '{"dryRun":false,"all":"yes"}'].collect { post('/pipelines/admin/replays', it) }

    then:
    wrong*.statusCode() == [400] * 6
    wrong.collect { (json(it).trouble as String).split(':')[0] } == ['all', 'positions', 'since', 'limit', 'dryRun', 'all']

    when:
    calm = true
    def first = done(post('/pipelines/admin/replays', '{"dryRun":false,"all":true}'))
    def again = done(post('/pipelines/admin/replays', '{"dryRun":false,"all":true}'))

    then:
    first.result.replayed == 1
    again.result.replayed == 0 && again.result.before == 1
    await(BOUND) { assert visible() == ['bad1', 'good'] }

    and: 'the event\'s story, by its id, for whoever may act'
    await(BOUND) { assert json(get('/pipelines/admin/explain?id=bad1')).processed == true }
    get('/pipelines/admin/explain?id=bad1', false).statusCode() == 401
    [get('/pipelines/admin/explain'), get('/pipelines/admin/explain?position=x'), get('/pipelines/admin/explain?id=a&position=b-1@2')]*.statusCode() == [400] * 3

    and: 'what a job found is for them too'
    json(get('/pipelines/admin/jobs/1', false)).result == null
    json(get('/pipelines/admin/jobs/1')).result != null
    get('/pipelines/admin/jobs/99').statusCode() == 404
  }

  def "letters are looked at and replayed by the partition that their records came from"() {
    given: 'one of each partition'
    send('bad1', 'bad2')
    await(BOUND) { assert readCommitted("${group}.dead-letters").size() == 2 }
    def listed = { int partition -> json(get("/pipelines/admin/letters?partition=$source-$partition")).letters as List<Map> }

    expect:
    (0..1).every { p -> listed(p).size() == 1 && (listed(p)[0].source as String).startsWith("$source-$p@") }
    json(get('/pipelines/admin/letters?partition=nowhere')).trouble == 'partition: is no partition; write orders-3'
    json(post('/pipelines/admin/replays', '{"partitions":["nowhere"]}')).trouble == 'partitions: has one that is no partition; write orders-3'

    when: 'a partition is choice enough; all is not asked for'
    calm = true
    def replayed = done(post('/pipelines/admin/replays', """{"dryRun":false,"partitions":["$source-1"]}"""))

    then:
    replayed.result.replayed == 1
    (replayed.result.letters as List<String>)[0].contains(" to $source-1@")
  }

  def "a running pipeline is set back after a preview, with a receipt of its own, and starts again by itself"() {
    given:
    send('a', 'b', 'c')
    await(BOUND) { assert visible() == ['a', 'b', 'c'] }
    def at = ['a', 'b', 'c'].groupBy { it.hashCode() & 1 }.find { it.value.size() == 2 }.key

    when: 'what is wrong'
    def wrong = ['{}', '{"to":["x"]}', """{"to":["$source-0@1","$source-0@2"]}""", '{"time":"yesterday"}', '{"beginning":"yes"}',
                 '{"time":"PT1H","beginning":true}', """{"to":["$source-0@0"],"topics":["$source"]}""", '{"beginning":true,"topics":[""]}',
                 '{"beginning":true,"dryRun":false}', '{"beginning":true,"dryRun":"no"}'].collect { post('/pipelines/admin/rewinds', it) }

    then:
    wrong*.statusCode() == [400] * 10
    wrong.collect { (json(it).trouble as String).split(':')[0] } == ['to', 'to', 'to', 'time', 'beginning', 'to', 'topics', 'topics', 'why', 'dryRun']

    when: 'a preview, while the pipeline runs'
    def preview = done(post('/pipelines/admin/rewinds', '{"beginning":true}'))

    then: 'nothing is moved'
    preview.kind == 'rewind-preview' && preview.result.dryRun == true
    preview.result.partitions == 2
    (preview.result.to as List).toSet() == ["$source-0@0", "$source-1@0"]*.toString().toSet()
    preview.result.inTheWay == []
    visible() == ['a', 'b', 'c']

    when: 'one partition is set back'
    def moved = done(post('/pipelines/admin/rewinds', """{"to":["$source-$at@0"],"why":"the rate was wrong","dryRun":false}"""))

    then:
    [moved.state, moved.trouble] == ['DONE', null]
    moved.kind == 'rewind' && moved.who == 'ann' && moved.result.partitions == 1
    (moved.result.moves as List<String>)[0].startsWith("$source-$at: ")

    and: 'its records are processed again, which the receipt explains'
    await(BOUND) { assert visible().size() == 5 }
    def receipt = receipts().find { it.decisions()*.done() == ['rewind'] }
    receipt.decisions()*.why() == ['the rate was wrong'] && receipt.decisions()*.who() == ['ann']
    await(BOUND) { assert done(post('/pipelines/admin/audits')).result.proof == true }
    !get('/pipelines').body().contains('has no workers here')

    when: 'no way back'
    def refused = done(post('/pipelines/admin/rewinds', """{"to":["$source-$at@99"],"why":"x","dryRun":false}"""))
    send('d')

    then: 'the workers come back from that too'
    refused.state == 'FAILED' && refused.trouble.contains('is not before it')
    await(BOUND) { assert visible().contains('d') }
  }

  def "where another instance has members of the group nothing is set back, and the remedy is said"() {
    given:
    send('a')
    await(BOUND) { assert visible() == ['a'] }
    def other = consumer(group, source)
    await(BOUND) { other.poll(Duration.ofMillis(100)); assert !other.assignment().empty }

    when:
    def preview = post('/pipelines/admin/rewinds', '{"beginning":true}')
    def refused = post('/pipelines/admin/rewinds', '{"beginning":true,"why":"x","dryRun":false}')

    then:
    refused.statusCode() == 409
    json(refused).trouble == "group $group has members [another-0] that are not of this instance; stop those instances and send it again"
    get('/pipelines').body().contains('admin-spec-0')
    done(preview).result.inTheWay == ['another-0']

    cleanup:
    other?.close()
  }

  def "a handler that does not return holds a rewind up until the bound, and nothing is moved"() {
    given:
    server.applicationContext.close()
    start('pipelines.admin.stop-timeout': '2s')
    send('stuck-7c1f')
    await(BOUND) { assert get('/pipelines/admin/workers/admin-spec-0/stack').body().contains('AdminApiSpec') }

    when:
    def refused = done(post('/pipelines/admin/rewinds', '{"beginning":true,"why":"x","dryRun":false}'))

    then:
    refused.state == 'FAILED'
    refused.trouble.contains('nothing was moved: workers [admin-spec-0] have not ended within stop-timeout; GET /pipelines/admin/workers/admin-spec-0/stack')

    when:
    gate.countDown()

    then: 'another worker follows when it has ended'
    await(BOUND) { assert visible() == ['stuck-7c1f'] }
  }

  List<Map> pipelines() {
    JsonMapper.createDefault().readValue(get('/pipelines').body().bytes, Argument.listOf(Map)) as List<Map>
  }

  def "workers of another instance are shown, with when they committed last"() {
    given:
    server.applicationContext.close()
    start('pipelines.admin.lag.check-every': '1s')
    def first = server
    start('pipelines.admin.instance-id': 'other')
    def second = server
    server = first

    when:
    await(BOUND) { assert (pipelines()[0].others as List<Map>)*.worker == ['admin-other-0'] && (pipelines()[0].others[0].partitions as List).size() == 1 }
    def before = Instant.now()
    send('a', 'b', 'c', 'd')

    then:
    await(BOUND) {
      def other = pipelines()[0].others[0] as Map
      assert other.lastCommit != null && Instant.parse(other.lastCommit as String) >= before.minusSeconds(1)
    }
    (pipelines()[0].workers as List<Map>)*.worker == ['admin-spec-0']

    when: 'it is gone'
    second.applicationContext.close()

    then:
    await(BOUND) { assert (pipelines()[0].others ?: []) == [] }

    cleanup:
    second?.applicationContext?.close()
  }

  List<Receipt> receipts() {
    readCommitted("${group}.receipts").collect { ReceiptReader.read(it.value()) }
  }

  KafkaConsumer<byte[], byte[]> consumer(String ofGroup, String topic) {
    def consumer = new KafkaConsumer<byte[], byte[]>(['bootstrap.servers': bootstrapServers, 'group.id': ofGroup, 'client.id': 'another-0',
        'enable.auto.commit': false] as Map<String, Object>, new ByteArrayDeserializer(), new ByteArrayDeserializer())
    consumer.subscribe([topic])
    consumer
  }

  def "a letter's value is shown where it is configured, and to whoever may act"() {
    given:
    send('bad-secret')
    await(BOUND) { assert letterAt('the handler threw') }
    def at = letterAt('the handler threw')
    produce([new ProducerRecord<byte[], byte[]>("${group}.dead-letters".toString(), 0, null, null, 'quoted'.bytes,
        [topic: source, partition: '0', offset: '0', reason: 'the record cannot be decoded', exception: 'java.io.IOException',
         message: 'no JSON: quoted', stack: 'java.io.IOException: no JSON: quoted\n\tat a.B.c(B.java:1)']
            .collect { name, text -> new RecordHeader("dead-letter-$name".toString(), text.bytes) })])
    await(BOUND) { assert letterAt('the record cannot be decoded') }
    def undecoded = letterAt('the record cannot be decoded')

    when:
    def hidden = get("/pipelines/admin/letters/$at")
    def listed = json(get('/pipelines/admin/letters')).letters as List<Map>

    then:
    hidden.statusCode() == 200
    json(hidden).reason == 'the handler threw at each of 1 attempts'
    json(hidden).bytes == 10
    !hidden.body().contains('bad-secret')
    get("/pipelines/admin/letters/$at", false).statusCode() == 401
    get('/pipelines/admin/letters/nothing').statusCode() == 400
    get("/pipelines/admin/letters/${group}.dead-letters-0@999").statusCode() == 404
    get("/pipelines/admin/letters/$source-0@0").statusCode() == 404

    and: "message and stack are those of the list, which leaves out a decoder's messages: they may quote the value"
    json(hidden).message == 'the bank is closed'
    [at, undecoded].every { position ->
      def one = json(get("/pipelines/admin/letters/$position"))
      listed.find { it.position == position }.with { [it.message, it.stack] } == [one.message, one.stack] && one.stack
    }
    !get("/pipelines/admin/letters/$undecoded").body().contains('quoted')

    when:
    server.applicationContext.close()
    start('console.show-values': 'true')

    then:
    json(get("/pipelines/admin/letters/$at")).value == 'bad-secret'
    json(get("/pipelines/admin/letters/$undecoded")).message == 'no JSON: quoted'
  }

  /** Position of the first dead letter whose reason begins so; null where there is none. */
  String letterAt(String reason) {
    readCommitted("${group}.dead-letters").find { new String(it.headers().lastHeader('dead-letter-reason').value()).startsWith(reason) }
        ?.with { "${it.topic()}-${it.partition()}@${it.offset()}".toString() }
  }

  def "the claims' generation, rebalances with their durations and committed offsets are shown"() {
    given:
    send('a')
    await(BOUND) { assert visible() == ['a'] }

    when:
    def seen = (JsonMapper.createDefault().readValue(get('/pipelines').body().bytes, Argument.listOf(Map)) as List<Map>)[0]

    then:
    seen.claims.standing == 'KNOWN'
    seen.claims.generation ==~ /\d+-.+/
    Instant.parse(seen.claims.since) <= Instant.now()
    (seen.rebalances as List<Map>).sum { it.assigned } == 2
    (seen.rebalances as List<Map>).every { it.worker == 'admin-spec-0' && it.seconds >= 0 && Instant.parse(it.at) <= Instant.now() }

    and: 'of each partition, once the lag was measured'
    await(BOUND) { assert (look() =~ /"partition":"$source-\d"[^}]*"committed":[1-9]/).find() }
    look().contains('"claims":{"standing":"KNOWN"')

    and: 'and where its owner reads next'
    await(BOUND) {
      def worker = ((JsonMapper.createDefault().readValue(get('/pipelines').body().bytes, Argument.listOf(Map)) as List<Map>)[0].workers as List<Map>)[0]
      assert (worker.read as Map<String, Number>).keySet() == ["$source-0", "$source-1"]*.toString().toSet()
      assert (worker.read as Map<String, Number>).values().max() == 1
    }
    (look() =~ /"partition":"$source-\d"[^}]*"read":[1-9]/).find()
  }

  def "where a handler hangs is shown to whoever may act, in frames and without values"() {
    given:
    send('stuck-7c1f')

    when:
    await(BOUND) { assert get('/pipelines/admin/workers/admin-spec-0/stack').body().contains('AdminApiSpec') }
    def stack = json(get('/pipelines/admin/workers/admin-spec-0/stack'))

    then:
    def held = (stack.threads as List<Map>).find { (it.frames as List<String>).any { frame -> frame.contains('AdminApiSpec') } }
    held.state == 'WAITING'
    (held.frames as List<String>).any { it.contains('CountDownLatch.await') }
    !stack.toString().contains('7c1f')
    get('/pipelines/admin/workers/admin-spec-0/stack', false).statusCode() == 401
    get('/pipelines/admin/workers/nobody/stack').statusCode() == 404
    get('/pipelines/none/workers/nobody/stack').statusCode() == 404
  }

  def "the claims are rebuilt while the pipeline runs, and duplicates stay out"() {
    given:
    send('a')
    await(BOUND) { assert visible() == ['a'] }

    when:
    def rebuilt = done(post('/pipelines/admin/guard/rebuild'))
    send('a', 'z')

    then:
    rebuilt.state == 'DONE'
    rebuilt.result.claims >= 1
    await(BOUND) { assert visible().contains('z') }
    visible() == ['a', 'z']
  }
}
