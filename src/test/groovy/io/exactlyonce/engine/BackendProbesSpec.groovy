package io.exactlyonce.engine

import io.exactlyonce.config.PipelineConfig
import io.exactlyonce.engine.spi.Backend
import io.exactlyonce.engine.spi.PipelineClients
import io.exactlyonce.engine.topic.TopicIds
import io.exactlyonce.local.Await
import io.exactlyonce.local.LocalPorts
import io.exactlyonce.wiring.TestPipeline
import org.apache.kafka.clients.admin.Admin
import org.apache.kafka.clients.admin.DescribeClusterResult
import org.apache.kafka.clients.admin.DescribeFeaturesResult
import org.apache.kafka.common.TopicPartition
import org.apache.kafka.common.internals.KafkaFutureImpl
import spock.lang.Tag

import java.time.Clock
import java.time.Duration
import java.util.concurrent.CompletableFuture

/** Who has to be silent until Kafka as a whole is called so. */
class BackendProbesSpec extends PipelineSpec {

  static final Duration LONGER = BackendProbe.PATIENCE.plusSeconds(2)

  @Tag('long')
  def "while any broker answers it is not Kafka that is silent, though the question to all of it hangs"() {
    given: 'as the client does that hands it to a silent broker while the others are busy'
    def probes = probes([describeCluster: { new DescribeClusterResult(null, null, new KafkaFutureImpl<String>(), null) },
                         describeFeatures: { admin.describeFeatures(it) }] as Admin)

    expect:
    !Await.within(LONGER) { !probes.look(System.nanoTime()).text().empty }
  }

  def "where none does, Kafka is silent"() {
    given:
    def probes = probes([describeCluster: { new DescribeClusterResult(null, null, new KafkaFutureImpl<String>(), null) },
                         describeFeatures: { new DescribeFeaturesResult(new KafkaFutureImpl()) }] as Admin)

    expect:
    Await.within(LONGER) { probes.look(System.nanoTime()).text() ==~ /Kafka at $bootstrapServers has not answered since [-0-9T:]+Z/ }
  }

  def "a start that waits says whether it is the guard that does not answer: #away"() {
    given:
    def nowhere = "127.0.0.1:${LocalPorts.free(1)[0]}"
    def running = TestPipeline.start(name, [source: source, sinks: sink], copy(), away == 'Kafka' ? nowhere : bootstrapServers,
        away == 'Redis' ? "redis://$nowhere" : redisUri)
    opened << running
    await(BOUND) { assert running.pipeline().status().trouble() ==~ /(waiting for Kafka: $nowhere has not answered within \d+ms|.*Redis.*$nowhere.*)/ }
    def status = running.pipeline().status()

    expect:
    status.guardAway == (away == 'Redis')
    status.otherwiseDown == (away == 'Kafka')

    where:
    away << ['Kafka', 'Redis']
  }

  private BackendProbes probes(Admin asked) {
    def ids = new TopicIds(admin, Duration.ofSeconds(5))
    ids.lookUp('nobody', [new TopicPartition(source, 0)]).values().each { it.get() }
    def guard = [address: { 'Redis' }, ask: { CompletableFuture.completedFuture(null) }] as Backend
    def clients = [brokers: { bootstrapServers }, guardBackend: { guard }] as PipelineClients
    BackendProbes.of(PipelineConfig.parse(name, [source: source, sinks: sink], 'test'), clients, asked, ids, Clock.systemUTC())
  }
}
