package io.exactlyonce.engine

import io.exactlyonce.engine.topic.TopicIds
import io.exactlyonce.lag.KnownTimes
import io.exactlyonce.lag.LagChecks
import io.exactlyonce.lag.Watched
import io.exactlyonce.local.Await
import io.exactlyonce.local.EmbeddedBackends
import io.exactlyonce.local.KafkaNode
import io.exactlyonce.receipt.LogOffsets
import org.apache.kafka.clients.admin.Admin
import org.apache.kafka.clients.admin.DescribeFeaturesOptions
import org.apache.kafka.clients.admin.DescribeTopicsOptions
import org.apache.kafka.clients.admin.NewTopic
import org.apache.kafka.clients.consumer.OffsetAndMetadata
import org.apache.kafka.common.TopicPartition
import org.apache.kafka.common.errors.LeaderNotAvailableException
import spock.lang.Tag

import java.time.Clock
import java.time.Duration
import java.util.concurrent.CompletableFuture
import java.util.concurrent.ExecutionException
import java.util.concurrent.TimeUnit

/** One of three brokers is silent, and the pipeline has nothing to read. */
class SilentBrokerSpec extends OwnBackendsSpec {

  @Override
  EmbeddedBackends startOwn() {
    // Kafka's own default: so long a silent broker keeps what it leads.
    EmbeddedBackends.start(3, SHORT_SESSIONS + ['broker.session.timeout.ms': '9000'])
  }

  def cleanup() {
    own.kafka().nodes().each { it.resume() }
  }

  /** To be asked while all answer: the question could go to the broker that is silent. */
  int leader(String topic, int partition) {
    admin.describeTopics([topic]).allTopicNames().get()[topic].partitions().find { it.partition() == partition }.leader()?.id()
  }

  /** Asked again where the question went to the broker that is silent. */
  boolean isLeaderless(String topic) {
    try {
      def asked = admin.describeTopics([topic], new DescribeTopicsOptions().timeoutMs(2_000))
      return asked.allTopicNames().get()[topic].partitions()[0].leader() == null
    } catch (ExecutionException ignored) {
      return false
    }
  }

  KafkaNode node(int id) {
    own.kafka().node(id - 1)
  }

  @Tag('long')
  def "idle, it says which broker has not answered since when; ready once others lead what that one led"() {
    given:
    def pipeline = run().pipeline()
    await(BOUND) { assert pipeline.status().ready }
    int silent = leader(source, 0)

    when:
    node(silent).pause()
    await(BOUND) { assert !pipeline.status().trouble().empty }
    def status = pipeline.status()

    then:
    status.trouble() =~ /^Kafka broker $silent at ${node(silent).address()} has not answered since [-0-9T:]+Z$/
    !status.ready

    when: 'the controller has taken its partitions from it'
    await(BOUND) { assert pipeline.status().ready }

    then: 'though it is silent still, and nothing is said of it twice'
    pipeline.status().trouble().empty

    when:
    node(silent).resume()
    produce((0..2).collect { record("v$it", partition: it) })
    awaitDrained()

    then:
    visible() == ['v0', 'v1', 'v2']
  }

  @Tag('long')
  def "where no other has the partition it stays unready, and is ready within 5 s of the broker's return"() {
    given:
    source = alone()
    def pipeline = run().pipeline()
    await(BOUND) { assert pipeline.status().ready }
    int silent = leader(source, 0)
    node(silent).pause()
    await(BOUND) { assert !pipeline.status().ready }

    expect: 'longer than the controller takes, and the others need to lead the rest'
    !Await.within(Duration.ofSeconds(20)) { pipeline.status().ready }
    pipeline.status().trouble().contains("Kafka broker $silent at ${node(silent).address()} has not answered since ")

    when:
    node(silent).resume()
    def back = System.nanoTime()
    await(BOUND) { assert pipeline.status().ready }

    then:
    Duration.ofNanos(System.nanoTime() - back) < Duration.ofSeconds(5)
  }

  @Tag('long')
  def "partitions without a leader are waited for with a few requests, not with thousands"() {
    given:
    def topic = alone()
    int silent = leader(topic, 0)
    def asking = Admin.create(['bootstrap.servers': bootstrapServers])
    (1..3).each { assert answers(asking, it, BOUND) }
    def mute = new TopicPartition(topic, 0)
    def group = groupWithOffsets(topic, silent)
    node(silent).pause()
    await(BOUND) { assert isLeaderless(topic) }
    assert !answers(asking, silent, Duration.ofSeconds(1)) // it leaves that connection, so that what is asked below goes to the others

    when: 'a worker asks where its partitions stand'
    int before = sent(asking)
    def told = new TopicIds(asking, Duration.ofSeconds(5)).lookUp(group, (0..2).collect { new TopicPartition(topic, it) })
    CompletableFuture.allOf(told.values() as CompletableFuture[]).exceptionally { null }.get(20, TimeUnit.SECONDS)

    then: 'each partition that is led is answered, and the one that is not is named'
    failure(told[mute]) instanceof LeaderNotAvailableException
    failure(told[mute]).message == "$mute has no leader: no broker that is up may lead it"
    told.findAll { it.key != mute }.every { !it.value.completedExceptionally }
    sent(asking) - before < 30

    when: 'a command asks where it ends'
    before = sent(asking)
    new LogOffsets(asking, Duration.ofSeconds(2)).latest([mute])

    then:
    def refused = thrown(LeaderNotAvailableException)
    refused.message == "no broker leads [$mute]"
    sent(asking) - before < 60

    when: 'the lag is measured'
    before = sent(asking)
    def lags = new LagChecks([new Watched(group, group, [topic] as Set)], { assert false }, KnownTimes.none(), bootstrapServers,
        Duration.ofSeconds(2), Duration.ofSeconds(1), Clock.systemUTC()).check(asking)

    then:
    lags.first().cannotMeasure().contains("$mute: no broker leads it")
    sent(asking) - before < 60

    cleanup:
    asking?.close(Duration.ZERO)
  }

  private static boolean answers(Admin client, int broker, Duration bound) {
    try {
      client.describeFeatures(new DescribeFeaturesOptions().nodeId(broker).timeoutMs(bound.toMillis() as int)).featureMetadata().get()
      return true
    } catch (ExecutionException ignored) {
      return false
    }
  }

  /** Each of its partitions is on one broker alone. */
  private String alone() {
    def topic = unique('alone')
    admin.createTopics([new NewTopic(topic, 3, (short) 1)]).all().get()
    kafka.awaitTopic(topic, 3)
    topic
  }

  /** Its coordinator is another broker than that one, so that its offsets can be asked for. */
  private String groupWithOffsets(String topic, int notAt) {
    def offsets = (0..2).collectEntries { [new TopicPartition(topic, it), new OffsetAndMetadata(0)] }
    while (true) {
      def group = unique('readers')
      admin.alterConsumerGroupOffsets(group, offsets).all().get()
      if (admin.describeConsumerGroups([group]).all().get()[group].coordinator().id() != notAt) {
        return group
      }
    }
  }

  private static Throwable failure(CompletableFuture<?> answer) {
    answer.handle { found, thrown -> thrown }.get()
  }

  private static int sent(Admin client) {
    client.metrics().find { it.key.name() == 'request-total' && it.key.group() == 'admin-client-metrics' }.value.metricValue() as int
  }
}
