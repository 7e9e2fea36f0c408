package io.exactlyonce.ops.metrics

import groovy.json.JsonSlurper
import io.exactlyonce.alert.AlertKind
import io.exactlyonce.local.BackendsSpec
import io.exactlyonce.manual.Manual
import io.exactlyonce.relay.EngineConfig
import io.micronaut.context.ApplicationContext
import io.micronaut.runtime.server.EmbeddedServer
import org.apache.kafka.clients.producer.KafkaProducer
import org.apache.kafka.clients.producer.ProducerRecord
import org.apache.kafka.common.header.internals.RecordHeader
import org.apache.kafka.common.serialization.ByteArraySerializer
import spock.lang.Shared

import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse
import java.nio.file.Files
import java.nio.file.Path
import java.time.Duration
import java.time.Instant

/** What Prometheus reads, and that its rules and the dashboard ask for nothing else. */
class PipelineMetricsSpec extends BackendsSpec {

  static final Path OBSERVABILITY = Path.of('docker', 'observability').toAbsolutePath()

  @Shared
  String source = unique('relay')

  @Shared
  EmbeddedServer server

  def setupSpec() {
    server = ApplicationContext.builder().deduceEnvironment(false).overrideConfigLocations('classpath:no-such-file').properties(EngineConfig.properties() + [
        'micronaut.server.port'           : -1,
        'kafka.bootstrap.servers'         : bootstrapServers,
        'redis.uri'                       : redisUri,
        'pipelines.relay.source'          : source,
        'pipelines.relay.sinks'           : unique('relay-out'),
        'pipelines.relay.group'           : unique('metrics'),
        'pipelines.relay.lag.check-every' : '1s',
        'pipelines.relay.instance-id'     : 'spec'])
        .start().getBean(EmbeddedServer).start()
    await(Duration.ofSeconds(60)) { assert scrape()['pipeline_ready{pipeline="relay"}'] == 1 }
  }

  def cleanupSpec() {
    server?.applicationContext?.close()
  }

  def "records are counted by what became of them, and so are transactions"() {
    when: 'of three records one is a duplicate and one a dead letter'
    produce([record('a', 'good'), record('a', 'good'), record('b', 'bad')])
    await(Duration.ofSeconds(60)) { assert outcome('processed') + outcome('duplicate') + outcome('dead_letter') == 3 }

    then:
    ['processed', 'duplicate', 'dead_letter', 'skipped'].collect { outcome(it) } == [1, 1, 1, 0]
    scrape()['pipeline_read_total{pipeline="relay"}'] == 3
    scrape()['pipeline_outputs_total{pipeline="relay"}'] == 2 // the dead letter is one too
    scrape()['pipeline_commits_total{pipeline="relay"}'] >= 1
    scrape()['pipeline_workers{pipeline="relay"}'] == 1
    scrape()['pipeline_partitions{pipeline="relay"}'] == 12
    scrape()['pipeline_rebalances_total{pipeline="relay"}'] >= 1

    and: 'the dead letter is an alert, each of which has a metric'
    await(Duration.ofSeconds(60)) { assert raised() == ['PipelineDeadLetters'] }
    scrape().keySet().count { it.startsWith('pipeline_alert_raised{') } == AlertKind.values().size()
    scrape()['pipeline_alert_messages_failed_total'] == 0
    new JsonSlurper().parseText(get('/pipelines')).first().alerts*.reason == ['dead letters in ten minutes: 1']
  }

  def "what is held, what is paused and what a transaction takes at most can be seen"() {
    expect:
    await(Duration.ofSeconds(60)) {
      assert ['in_flight_records', 'in_flight_bytes', 'paused_partitions', 'transaction_records']
          .collect { scrape()["pipeline_${it}{pipeline=\"relay\"}".toString()] } == [0, 0, 0, 50_000]
    }
  }

  def "the lag is there by partition and as a whole, and /pipelines shows it"() {
    when: 'one partition has an offset that a foreign transaction holds back'
    await(Duration.ofSeconds(60)) { assert scrape()['pipeline_lag_measured{pipeline="relay"}'] == 1 }
    def producer = new KafkaProducer<byte[], byte[]>(['bootstrap.servers': bootstrapServers, 'transactional.id': unique('foreign')],
        new ByteArraySerializer(), new ByteArraySerializer())
    producer.initTransactions()
    producer.beginTransaction()
    producer.send(new ProducerRecord<byte[], byte[]>(source, 7, null, 'x'.bytes)).get()

    then:
    await(Duration.ofSeconds(60)) { assert lag('held_back_records', 7) == 1 }
    (0..11).every { lag('records', it) != null && lag('seconds', it) != null }
    lag('held_back_records', 6) == 0
    ['sum_records', 'max_seconds', 'lost_records'].every { scrape()["pipeline_lag_$it{pipeline=\"relay\"}".toString()] == 0 }

    and:
    def told = new JsonSlurper().parseText(get('/pipelines')).first().lag
    !told.cannotMeasure // left out, as all that is empty
    told.heldBack == 1
    told.partitions*.partition == ["$source-7".toString()]
    told.partitions*.state == ['OK']

    cleanup:
    producer?.abortTransaction()
    producer?.close(Duration.ZERO)
  }

  def "#file asks for metrics that are there"() {
    given:
    def exposed = scrape().keySet().collect { it.replaceAll(/\{.*/, '') }.toSet()
    def asked = (Files.readString(OBSERVABILITY.resolve(file)) =~ /\b(?:pipeline|jvm|process)_[a-z_]+\b/).collect { it }.toSet()

    expect:
    asked.size() >= 4
    asked - exposed == [] as Set

    where:
    file << ['rules.yml', 'grafana/pipelines.json']
  }

  def "every meter of ours says what it counts, and the manual's table has those and their types"() {
    given:
    def lines = get('/prometheus').readLines()
    def ours = lines.findAll { it.startsWith('# TYPE pipeline_') }.collectEntries { it.tokenize(' ').with { [it[2], it[3]] } }
    def named = Manual.read().table('metric').collectMany { row -> (row[0] =~ /`(\w+)`/).collect { [it[1], row[1]] } }.collectEntries()

    expect:
    ours.keySet().every { name -> lines.any { it ==~ /# HELP $name \S.+/ } }
    named == ours
  }

  def "the labels of each metric are those of the manual's table, and the pipeline's"() {
    given:
    def exported = scrape().keySet().findAll { it.startsWith('pipeline_') }.collect { it.replaceAll(/(_bucket|_count|_sum)(\{.*le=.*)?$/, '$2') }
        .groupBy { family(it) }.collectEntries { name, series -> [name, series.collectMany { (it =~ /(\w+)="/).collect { it[1] } }.toSet() - ['le']] }
    def rows = Manual.read().table('metric')
    def named = rows.collectMany { row -> quoted(row[0]).collect { [it, quoted(row[2]).toSet() + (row[3].contains('of the whole process') ? [] : ['pipeline'])] } }.collectEntries()

    expect:
    exported == named
  }

  /** Its name, and of a histogram that of all its series. */
  private static String family(String series) {
    def name = series.replaceAll(/\{.*/, '')
    name.replaceAll(/_seconds_(bucket|count|sum)$/, '_seconds')
  }

  private static List<String> quoted(String cell) {
    (cell =~ /`(\w+)`/).collect { it[1] as String }
  }

  def "names of ours follow the conventions: base units, _total of counters alone, _seconds of durations"() {
    given:
    def ours = get('/prometheus').readLines().findAll { it.startsWith('# TYPE pipeline_') && !it.contains('pipeline_kafka_') }
        .collectEntries { it.tokenize(' ').with { [it[2], it[3]] } }

    expect:
    ours.size() >= 35
    ours.keySet().findAll { !(it ==~ /[a-z]+(_[a-z]+)+/) } == [] as Set
    ours.findAll { name, type -> name.endsWith('_total') != (type == 'counter') } == [:]
    ours.findAll { name, type -> type == 'histogram' && !name.endsWith('_seconds') } == [:]

    and: 'a unit is the last word but for _total, and a base unit'
    ours.keySet().findAll { it =~ /_(seconds|bytes)_(?!total$)/ } == [] as Set
    ours.keySet().findAll { it =~ /_(ms|millis|milliseconds|micros|nanos|ns|minutes|hours|kb|mb|kilobytes|megabytes|percent)(_|$)/ } == [] as Set

    and: 'what is a time by its description says so in its name'
    def times = get('/prometheus').readLines().findAll { it ==~ /# HELP pipeline_\S+ .*(?i:\bseconds\b|how long|^since|from the end of|from a record).*/ && !it.contains('pipeline_kafka_') }
    times.size() >= 4
    times.every { it.tokenize(' ')[2].endsWith('_seconds') }
  }

  def "the age of the last rebalance is the time since a worker took its assignment in, and grows"() {
    given:
    def age = { scrape()['pipeline_rebalance_age_seconds{pipeline="relay"}'] }
    def last = Instant.parse(new JsonSlurper().parseText(get('/pipelines')).first().rebalances.last().at as String)

    when:
    def from = Instant.now()
    def first = age()
    def to = Instant.now()

    then:
    first >= Duration.between(last, from).toMillis() / 1000 - 1
    first <= Duration.between(last, to).toMillis() / 1000 + 1

    and:
    await(Duration.ofSeconds(10)) { assert age() >= first + 0.5 }
  }

  def "a pipeline and a worker have so many series as the manual says, partitions' and alerts' aside"() {
    given:
    def series = scrape().keySet().findAll { it.startsWith('pipeline_') && it.contains('pipeline="relay"') }
        .findAll { !it.contains('partition=') && !it.startsWith('pipeline_alert_') }
    def ofClients = series.findAll { it.contains('worker="0"') }
    def said = (Manual.read().text =~ /A pipeline has (\d+)\s+series/).collect { it[1] as int }
    def saidOfClients = (Manual.read().text =~ /each worker (\d+) of\s+its Kafka clients/).collect { it[1] as int }

    expect:
    [series.size() - ofClients.size()] == said
    [ofClients.size()] == saidOfClients
  }

  private List<String> raised() {
    scrape().findAll { it.key.startsWith('pipeline_alert_raised{') && it.value == 1 }.keySet().collect { it.find(/alert="(\w+)"/) { all, alert -> alert } }
  }

  private double outcome(String outcome) {
    scrape()["pipeline_records_total{outcome=\"$outcome\",pipeline=\"relay\"}".toString()]
  }

  private Double lag(String what, int partition) {
    scrape()["pipeline_lag_$what{partition=\"$partition\",pipeline=\"relay\",topic=\"$source\"}".toString()]
  }

  private String get(String path) {
    def request = HttpRequest.newBuilder(server.URI.resolve(path)).build()
    HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).body()
  }

  /** Each sample's value, by its name with its labels. */
  private Map<String, Double> scrape() {
    get('/prometheus').readLines().findAll { !it.startsWith('#') && it.contains(' ') }.collectEntries { line ->
      def space = line.lastIndexOf(' ')
      [line.substring(0, space), line.substring(space + 1) as double]
    }
  }

  private ProducerRecord<byte[], byte[]> record(String id, String value) {
    new ProducerRecord<>(source, null, null, 'x'.bytes, value.bytes, [new RecordHeader('event-id', id.bytes)])
  }
}
