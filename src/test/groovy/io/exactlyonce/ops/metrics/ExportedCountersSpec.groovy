package io.exactlyonce.ops.metrics

import groovy.json.JsonSlurper
import io.exactlyonce.engine.Pipeline
import io.exactlyonce.engine.status.AbortCause
import io.exactlyonce.engine.status.PipelineCounters
import io.exactlyonce.lag.GroupLag
import io.exactlyonce.lag.LagSeconds
import io.exactlyonce.lag.LagState
import io.exactlyonce.lag.PartitionLag
import io.exactlyonce.lag.Trend
import io.exactlyonce.local.BackendsSpec
import io.exactlyonce.local.LocalPorts
import io.exactlyonce.local.LogLines
import io.exactlyonce.relay.EngineConfig
import io.exactlyonce.wiring.Pipelines
import io.exactlyonce.wiring.watch.ScalingWatch
import io.micronaut.context.ApplicationContext
import io.micronaut.runtime.server.EmbeddedServer
import org.apache.kafka.common.TopicPartition
import spock.lang.AutoCleanup
import spock.lang.Shared
import spock.lang.Tag

import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse
import java.time.Duration
import java.time.Instant

/** Counters as Prometheus reads them: each shows what its own counter has, and those of the watches move too. */
@Tag('long')
class ExportedCountersSpec extends BackendsSpec {

  static final Duration BOUND = Duration.ofSeconds(90)

  /** What each series shows, told anew here: a meter that reads another's counter differs. */
  static final Map<String, Closure> COUNTERS = [
    'records_total outcome=processed'           : { PipelineCounters c -> c.processed },
    'records_total outcome=skipped'             : { PipelineCounters c -> c.skipped },
    'records_total outcome=duplicate'           : { PipelineCounters c -> c.duplicates },
    'records_total outcome=dead_letter'         : { PipelineCounters c -> c.deadLetters },
    'records_total outcome=passed'              : { PipelineCounters c -> c.passed },
    'records_total outcome=delayed'             : { PipelineCounters c -> c.delayed },
    'read_total'                                : { PipelineCounters c -> c.read },
    'outputs_total'                             : { PipelineCounters c -> c.outputs },
    'commits_total'                             : { PipelineCounters c -> c.commits },
    'rebuilds_total'                            : { PipelineCounters c -> c.rebuilds },
    'rebalances_total'                          : { PipelineCounters c -> c.rebalances.count },
    'rebalance_partitions_total change=assigned': { PipelineCounters c -> c.rebalances.assigned },
    'rebalance_partitions_total change=revoked' : { PipelineCounters c -> c.rebalances.revoked },
    'rebalance_partitions_total change=lost'    : { PipelineCounters c -> c.rebalances.lost },
    'unknown_commits_total'                     : { PipelineCounters c -> c.unknownCommits },
    'handler_failures_total'                    : { PipelineCounters c -> c.handlerFailures },
    'retries_total'                             : { PipelineCounters c -> c.retries },
    'effects_total source=call'                 : { PipelineCounters c -> c.effectsCalled },
    'effects_total source=memory'               : { PipelineCounters c -> c.effectsRemembered },
    'claim_failures_total'                      : { PipelineCounters c -> c.claimFailures },
    'unguarded_total'                           : { PipelineCounters c -> c.unguarded },
    'lost_total'                                : { PipelineCounters c -> c.lost },
  ] + AbortCause.values().collectEntries { cause -> ["aborts_total cause=${cause.text()}".toString(), { PipelineCounters c -> c.aborts(cause) }] }

  static final Map<String, Closure> TIMERS = [
    commit_seconds    : { PipelineCounters c -> c.commitTimes },
    claim_seconds     : { PipelineCounters c -> c.claimTimes },
    handler_seconds   : { PipelineCounters c -> c.handlerTimes },
    end_to_end_seconds: { PipelineCounters c -> c.endToEndTimes },
    rebalance_seconds : { PipelineCounters c -> c.rebalances.durations },
  ]

  @Shared
  String source = unique('exported')

  @Shared
  EmbeddedServer server

  @Shared
  @AutoCleanup
  LogLines log = new LogLines(ScalingWatch)

  /** Nobody takes its alerts, and its monitor does not look again: lags are those of the features. */
  def setupSpec() {
    createTopic(source, 12)
    server = ApplicationContext.builder().deduceEnvironment(false).overrideConfigLocations('classpath:no-such-file').properties(EngineConfig.properties() + [
        'micronaut.server.port'           : -1,
        'kafka.bootstrap.servers'         : bootstrapServers,
        'redis.uri'                       : redisUri,
        'pipeline.alert.webhook'          : "http://127.0.0.1:${LocalPorts.free(1)[0]}/nobody".toString(),
        'pipelines.relay.source'          : source,
        'pipelines.relay.sinks'           : unique('exported-out'),
        'pipelines.relay.group'           : unique('exported'),
        'pipelines.relay.lag.check-every' : '1h',
        'pipelines.relay.scaling.mode'    : 'workers',
        'pipelines.relay.scaling.max-concurrency': '64',
        'pipelines.relay.ordering'        : 'key',
        'pipelines.relay.instance-id'     : 'spec'])
        .start().getBean(EmbeddedServer).start()
    await(BOUND) { assert scrape()['ready'] == 1d && pipeline.status().workers()*.partitions().flatten() && !pipelines.lag().get().latest().empty }
  }

  def cleanupSpec() {
    server?.applicationContext?.close()
  }

  Pipelines getPipelines() {
    server.applicationContext.getBean(Pipelines)
  }

  Pipeline getPipeline() {
    pipelines.all()[0]
  }

  /** A lag that is critical, and grows unless it is stalled. */
  List<GroupLag> critical(LagState state) {
    [new GroupLag('relay', 'relay', Instant.now(), [new PartitionLag(new TopicPartition(source, 0), state, 'relay-spec-0', 500_000,
        new LagSeconds(900, LagSeconds.Kind.EXACT), new Trend(50, null), 0, null, 0, 0)], '', null)]
  }

  def "each exported counter and histogram shows its own counter and no other's"() {
    given:
    def before = scrape()

    when: 'no two of them get as much'
    COUNTERS.values().eachWithIndex { of, i -> of(pipeline.counters()).add(1_000 + i) }
    TIMERS.values().eachWithIndex { of, i -> of(pipeline.counters()).record(2_000_000_000L, 100 + i) }
    def now = scrape()
    def moved = { String series -> now[series] - before[series] }

    then:
    COUNTERS.keySet().toList().indexed().collectEntries { i, series -> [series, moved(series)] } ==
        COUNTERS.keySet().toList().indexed().collectEntries { i, series -> [series, 1_000d + i] }
    TIMERS.keySet().toList().indexed().every { i, name -> moved("${name}_count") == 100d + i && Math.abs(moved("${name}_sum") - 2 * (100 + i)) < 1 }

    and: 'there is no counter and no histogram of a pipeline beside them'
    def types = get('/prometheus').readLines().findAll { it.startsWith('# TYPE pipeline_') && !it.contains('_kafka_') }*.tokenize(' ')
    types.findAll { it[3] == 'counter' }.collect { it[2] - 'pipeline_' }.toSet() ==
        COUNTERS.keySet().collect { it.tokenize(' ')[0] }.toSet() + ['scaling_decisions_total', 'alert_messages_failed_total']
    types.findAll { it[3] == 'histogram' }.collect { it[2] - 'pipeline_' }.toSet() == TIMERS.keySet()
  }

  def "each decision about scaling is one line of the log, one event of the time line and one more in its counter"() {
    given:
    def up = 'scaling_decisions_total direction=up,what=concurrency'
    def held = 'scaling_decisions_total direction=held,what=workers'
    assert [up, held].collect { scrape()[it] } == [0d, 0d]

    when: 'the lag grows, and then no partition moves any more'
    await(BOUND) {
      pipelines.scaling().accept(critical(LagState.GROWING))
      assert scrape()[up] == 1d
    }
    pipelines.scaling().accept(critical(LagState.GROWING)) // the step is judged, by a rate that was none before it
    await(BOUND) { assert events().size() == 1 }
    await(BOUND) {
      pipelines.scaling().accept(critical(LagState.STALLED))
      assert scrape()[held] == 1d
    }
    await(BOUND) { assert events().size() == 2 }
    def lines = log.texts().findAll { it.startsWith('relay: ') }

    then:
    lines.size() == 2
    lines[0].startsWith('relay: scaling up from ') && lines[0].contains(' handler calls at once: the lag is critical and grows by 50 records/s')
    lines[1].startsWith('relay: scaling holds at 1 workers: all partitions with a lag are stalled')
    events() == lines*.substring('relay: '.length())
    scrape().findAll { it.key.startsWith('scaling_decisions_total') && it.value > 0 }.keySet() == [up, held] as Set
  }

  def "an alert that no receiver takes is counted"() {
    given:
    assert scrape()['alert_messages_failed_total'] == 0d

    when: 'it is raised at the second check'
    2.times { pipelines.alerts().accept(critical(LagState.GROWING)) }
    assert pipelines.alerts().raised('relay')*.kind()*.name().contains('PIPELINE_LAG_CRITICAL')

    then:
    await(BOUND) { assert scrape()['alert_messages_failed_total'] >= 1d }
    scrape()['alert_messages_failed_total'] == pipelines.alerts().failed() as double
  }

  /** Texts of the time line about scaling, as the console gets them first. */
  List<String> events() {
    def answer = HttpClient.newHttpClient().send(HttpRequest.newBuilder(server.URI.resolve('/console/live')).timeout(BOUND).build(), HttpResponse.BodyHandlers.ofInputStream())
    def first = answer.body().newReader('UTF-8').withCloseable { reader -> reader.lines().filter { it.startsWith('data:') }.findFirst().get() }
    (new JsonSlurper().parseText(first - 'data:').events ?: []).findAll { it.kind == 'SCALING' }*.text
  }

  private String get(String path) {
    HttpClient.newHttpClient().send(HttpRequest.newBuilder(server.URI.resolve(path)).build(), HttpResponse.BodyHandlers.ofString()).body()
  }

  /** Each sample of ours without `pipeline_` and the label `pipeline`: its name, and behind it its other labels. */
  private Map<String, Double> scrape() {
    get('/prometheus').readLines().findAll { it.startsWith('pipeline_') }.collectEntries { line ->
      def (all, name, labels, value) = (line =~ /^pipeline_(\w+?)(?:\{(.*)})? (\S+)$/)[0]
      def others = (labels ?: '').replace('"', '').tokenize(',').findAll { it && !it.startsWith('pipeline=') }
      [([name] + (others ? [others.join(',')] : [])).join(' '), value as double]
    }
  }
}
