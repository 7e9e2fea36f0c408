package io.exactlyonce.ops.metrics

import groovy.json.JsonSlurper
import io.exactlyonce.local.BackendsSpec
import io.exactlyonce.local.ChildProcess
import io.exactlyonce.local.LocalFiles
import io.exactlyonce.local.LocalPorts
import io.exactlyonce.local.LocalRedis
import io.exactlyonce.relay.EngineConfig
import io.micronaut.context.ApplicationContext
import io.micronaut.runtime.server.EmbeddedServer
import spock.lang.Requires
import spock.lang.Tag

import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse
import java.nio.file.Files
import java.nio.file.Path
import java.time.Duration

/**
 * A real Prometheus scrapes a running pipeline, by the rules that are shipped with their waits cut to a second. It runs
 * where {@code -Dprometheus} names the program; {@code .ci/run verify} fetches it from Debian, and says so where it cannot.
 */
@Tag('long')
@Requires(value = { System.getProperty('prometheus') }, reason = '-Dprometheus names no program; .ci/run verify fetches one')
class PrometheusSpec extends BackendsSpec {

  static final Duration BOUND = Duration.ofSeconds(90)

  def redis = LocalRedis.start()
  int port = LocalPorts.free(1)[0]
  EmbeddedServer server
  ChildProcess prometheus

  def setup() {
    server = ApplicationContext.builder().deduceEnvironment(false).overrideConfigLocations('classpath:no-such-file').properties(EngineConfig.properties() + [
        'micronaut.server.port'      : -1,
        'kafka.bootstrap.servers'    : bootstrapServers,
        'redis.uri'                  : redis.uri(),
        'pipelines.relay.source'     : unique('relay'),
        'pipelines.relay.sinks'      : unique('relay-out'),
        'pipelines.relay.group'      : unique('prometheus'),
        'pipelines.relay.lag.check-every': '1s', // until the first check the lag is not measured, which is an alert
        'pipelines.relay.instance-id': 'spec'])
        .start().getBean(EmbeddedServer).start()
    def dir = LocalFiles.freshDirectory('prometheus')
    def shipped = Files.readString(Path.of('docker', 'observability', 'rules.yml'))
    Files.writeString(dir.resolve('rules.yml'), shipped.replaceAll(/(?m)^( +for:) .*$/, '$1 1s'))
    Files.writeString(dir.resolve('prometheus.yml'), """\
      global: { scrape_interval: 1s, evaluation_interval: 1s }
      rule_files: [rules.yml]
      scrape_configs:
        - job_name: pipeline
          metrics_path: /prometheus
          static_configs: [{ targets: ['127.0.0.1:$server.port'] }]
      """.stripIndent())
    prometheus = ChildProcess.start(dir.resolve('prometheus.log'), [
        Path.of(System.getProperty('prometheus')).toAbsolutePath().toString(), "--config.file=${dir.resolve('prometheus.yml')}".toString(),
        "--storage.tsdb.path=${dir.resolve('data')}".toString(), "--web.listen-address=127.0.0.1:$port".toString()])
  }

  def cleanup() {
    prometheus?.kill()
    server?.applicationContext?.close()
    redis.close()
  }

  def "while Redis is stopped the alert fires, and once it is back it does not"() {
    expect: 'a pipeline that is well: scraped, every rule evaluated, and none that fires'
    await(BOUND) { assert targets() == ['up'] && query('pipeline_ready{pipeline="relay"}') == '1' }
    await(BOUND) { assert rules().size() >= 16 && rules().every { it.health == 'ok' && it.evaluationTime > 0 } }
    await(BOUND) { assert firing() == [:] }

    when:
    redis.kill()

    then:
    await(BOUND) { assert firing() == [PipelineGuardAway: 'relay'] }
    query('pipeline_ready{pipeline="relay"}') == '0'

    when:
    redis.restart()

    then:
    await(BOUND) { assert firing() == [:] && query('pipeline_ready{pipeline="relay"}') == '1' }
  }

  /** By name, with the pipeline. */
  Map<String, String> firing() {
    (api('alerts')?.alerts ?: []).findAll { it.state == 'firing' }.collectEntries { [it.labels.alertname, it.labels.pipeline] }
  }

  List<Map> rules() {
    (api('rules')?.groups ?: [])*.rules.flatten()
  }

  List<String> targets() {
    (api('targets')?.activeTargets ?: [])*.health
  }

  String query(String expression) {
    api("query?query=${URLEncoder.encode(expression, 'UTF-8')}")?.result?.find()?.value?.get(1)
  }

  /** What it answers; null while it does not. */
  Map api(String path) {
    try {
      def request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:$port/api/v1/$path")).timeout(Duration.ofSeconds(5)).build()
      def answer = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString())
      answer.statusCode() == 200 ? new JsonSlurper().parseText(answer.body()).data as Map : null
    } catch (IOException e) { // it is not up yet
      null
    }
  }
}
