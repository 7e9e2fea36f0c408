package io.exactlyonce.ops

import io.exactlyonce.local.BackendsSpec
import io.micronaut.context.ApplicationContext
import io.micronaut.runtime.server.EmbeddedServer
import org.apache.kafka.clients.producer.ProducerRecord
import org.apache.kafka.common.header.internals.RecordHeader
import spock.lang.Shared

import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse
import java.nio.file.Files
import java.nio.file.Path
import java.time.Duration

/** What Prometheus reads, and that its rules and the dashboard ask for nothing else. */
class PipelineMetricsSpec extends BackendsSpec {

  static final Path OBSERVABILITY = Path.of('docker', 'observability').toAbsolutePath()

  @Shared
  String source = unique('payments')

  @Shared
  EmbeddedServer server

  def setupSpec() {
    server = ApplicationContext.builder().deduceEnvironment(false).properties([
        'micronaut.server.port'           : -1,
        'kafka.bootstrap.servers'         : bootstrapServers,
        'redis.uri'                       : redisUri,
        'pipelines.payments.source'       : source,
        'pipelines.payments.group'        : unique('metrics'),
        'pipelines.payments.instance-id'  : 'spec'])
        .start().getBean(EmbeddedServer).start()
    await(Duration.ofSeconds(60)) { scrape()['pipeline_ready{pipeline="payments"}'] == 1 }
  }

  def cleanupSpec() {
    server?.applicationContext?.close()
  }

  def "records are counted by what became of them, and so are transactions"() {
    when: 'of three records one is a duplicate and one a dead letter'
    produce([payment('a', 250), payment('a', 250), payment('b', -1)])
    await(Duration.ofSeconds(60)) { outcome('processed') + outcome('duplicate') + outcome('dead_letter') == 3 }

    then:
    ['processed', 'duplicate', 'dead_letter', 'skipped'].collect { outcome(it) } == [1, 1, 1, 0]
    scrape()['pipeline_read_total{pipeline="payments"}'] == 3
    scrape()['pipeline_outputs_total{pipeline="payments"}'] == 3 // the dead letter is one too
    scrape()['pipeline_commits_total{pipeline="payments"}'] >= 1
    scrape()['pipeline_workers{pipeline="payments"}'] == 1
    scrape()['pipeline_partitions{pipeline="payments"}'] == 12
  }

  def "what is held, what is paused and what a transaction takes at most can be seen"() {
    expect:
    await(Duration.ofSeconds(60)) {
      ['in_flight_records', 'in_flight_bytes', 'paused_partitions', 'transaction_records']
          .collect { scrape()["pipeline_${it}{pipeline=\"payments\"}".toString()] } == [0, 0, 0, 50_000]
    }
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

  private double outcome(String outcome) {
    scrape()["pipeline_records_total{outcome=\"$outcome\",pipeline=\"payments\"}".toString()]
  }

  /** Each sample's value, by its name with its labels. */
  private Map<String, Double> scrape() {
    def request = HttpRequest.newBuilder(server.URI.resolve('/prometheus')).build()
    def body = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).body()
    body.readLines().findAll { !it.startsWith('#') && it.contains(' ') }.collectEntries { line ->
      def space = line.lastIndexOf(' ')
      [line.substring(0, space), line.substring(space + 1) as double]
    }
  }

  private ProducerRecord<byte[], byte[]> payment(String id, int cents) {
    def json = """{"debtor":"x","creditor":"y","cents":$cents,"currency":"EUR"}"""
    new ProducerRecord<>(source, null, null, 'x'.bytes, json.bytes, [new RecordHeader('event-id', id.bytes)])
  }
}
