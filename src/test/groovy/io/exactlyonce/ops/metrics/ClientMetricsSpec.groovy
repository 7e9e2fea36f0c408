package io.exactlyonce.ops.metrics

import io.exactlyonce.config.ClientMetricsChoice
import io.exactlyonce.engine.PipelineSpec
import io.exactlyonce.engine.status.WorkerState
import io.exactlyonce.handler.Handler
import io.exactlyonce.handler.Outcome
import io.exactlyonce.handler.Output
import io.exactlyonce.wiring.TestPipeline
import io.exactlyonce.wiring.client.OpenClients
import io.prometheus.metrics.model.snapshots.MetricSnapshots
import org.apache.kafka.common.Metric
import org.apache.kafka.common.MetricName
import spock.lang.Tag

/** What the workers' own clients measure: which of it is exported, and that it ends with them. */
class ClientMetricsSpec extends PipelineSpec {

  static final List<String> CLIENTS = ['consumer', 'producer-a', 'producer-b']

  TestPipeline copying(Map settings) {
    String to = sink
    run(settings, { event -> Outcome.emit(Output.to(to, event.key(), event.value())) } as Handler<String>)
  }

  static MetricSnapshots scrape(TestPipeline running, ClientMetricsChoice choice = ClientMetricsChoice.ESSENTIAL) {
    ClientMetrics.collect(running.clients()) { choice }
  }

  /** Each series as its labels' values. */
  static List<List<String>> series(MetricSnapshots scraped) {
    scraped.collectMany { family -> family.dataPoints.collect { point -> [family.metadata.name] + point.labels.collect { it.value } } }
  }

  /** Series by worker and client. */
  static Map<String, Integer> counts(MetricSnapshots scraped) {
    series(scraped).countBy { "${it[3]} ${it[1]}".toString() }
  }

  static int listed(TestPipeline running) {
    running.clients().all().size()
  }

  static double sum(TestPipeline running, String name) {
    scrape(running).find { it.metadata.name == name }.dataPoints*.value.sum() as double
  }

  @Tag('long')
  def "with #protocol every essential metric is there, of each client once"() {
    given:
    def running = copying('group-protocol': protocol)
    produce((0..<5).collect { record("v$it") })
    awaitDrained()

    when:
    def scraped = scrape(running)

    then:
    scraped.collect { it.metadata.name } as Set == ClientMetrics.ESSENTIAL.collect { it.replace('.', '_') - '_total' } as Set
    counts(scraped) == CLIENTS.collectEntries { [("0 $it".toString()): ClientMetrics.ESSENTIAL.count { each -> each.contains(it.takeWhile { it != '-' }) }] }
    scraped.every { it.metadata.help }

    and: 'their values are the clients own'
    sum(running, 'pipeline_kafka_consumer_fetch_manager_records_consumed') == 5
    sum(running, 'pipeline_kafka_producer_record_send') >= 6 // outputs, and a receipt at least

    where:
    protocol << ['classic', 'consumer']
  }

  @Tag('long')
  def "as many series while producers are made anew and workers come and go, and none after the end"() {
    given:
    def running = copying([:])
    produce([record('a')])
    awaitDrained()
    def one = series(scrape(running)).size()

    when: 'the producers are fenced, so new ones take their place'
    def before = running.clients().all() as Set
    admin.fenceProducers(['a', 'b'].collect { running.pipeline().config().transactionalId(0, it) }).all().get()
    produce([record('b')])
    awaitDrained()
    await(BOUND) { assert running.pipeline().counters().rebuilds.sum() >= 1L && listed(running) == 3 && running.clients().all().count { !(it in before) } >= 1 }

    then:
    series(scrape(running)).size() == one

    when:
    running.pipeline().scale(2)

    then:
    await(BOUND) { assert listed(running) == 6 && running.pipeline().status().workers().every { it.state() == WorkerState.RUNNING } }
    series(scrape(running)).size() == 2 * one

    when:
    running.pipeline().scale(1)

    then:
    await(BOUND) { assert listed(running) == 3 }
    series(scrape(running)).size() == one

    when:
    running.close()

    then:
    listed(running) == 0
    series(scrape(running)) == []
  }

  def "all: every number of a client, none by topic, partition or broker; none: nothing"() {
    given:
    def running = copying([:])
    produce([record('a')])
    awaitDrained()

    when:
    def all = scrape(running, ClientMetricsChoice.ALL)

    then:
    all.collectMany { it.dataPoints*.labels*.collect { it.name } }.toSet() == [['client', 'pipeline', 'worker']] as Set
    series(all).size() == series(all).unique().size()
    counts(all).every { it.value > 60 && it.value < 200 }
    series(all).collect { it[0] }.containsAll(series(scrape(running)).collect { it[0] })
    scrape(running, ClientMetricsChoice.NONE).size() == 0
  }

  def "a number that would fail the scrape is left out, and the rest is there"() {
    given:
    def clients = new OpenClients()
    def numbers = ['odd-total': -1, twice: 1, 'twice-total': 2, good: 7, 'unknown-total': Double.NaN].collectEntries { name, number ->
      [new MetricName(name, 'producer-metrics', 'of a kind', ['client-id': 'x']), Stub(Metric) { metricValue() >> (number as double) }]
    }
    clients.add(new OpenClients.Place('p', 0, 'producer')) { numbers }

    expect:
    ClientMetrics.collect(clients) { ClientMetricsChoice.ALL }.collectEntries { [it.metadata.name - 'pipeline_kafka_producer_', it.dataPoints*.value] } ==
        [good: [7d], twice: [1d], unknown: [Double.NaN]]
  }

  def "a client that closes late does not take the one in its place off the list"() {
    given:
    def clients = new OpenClients()
    def place = new OpenClients.Place('p', 0, 'producer-a')
    def closeOld = clients.add(place) { [:] }
    def closeNew = clients.add(place) { [:] }

    when:
    closeOld.run()

    then:
    clients.all().size() == 1

    when:
    closeNew.run()

    then:
    clients.all().empty
  }
}
