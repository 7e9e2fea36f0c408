package io.exactlyonce.local

import org.apache.kafka.clients.admin.Admin
import org.apache.kafka.clients.producer.ProducerRecord
import spock.lang.Specification
import spock.lang.Tag

import java.nio.file.Path
import java.time.Duration

import static java.util.concurrent.TimeUnit.SECONDS

class LocalKafkaSpec extends Specification {

  Path dir = LocalFiles.freshDirectory('kafka-spec')

  @Tag('long')
  def "a broker that was killed comes back on its port with its data"() {
    given:
    def broker = LocalKafka.start(dir, [:])
    def kafka = new KafkaHelper(broker.bootstrapServers())
    kafka.createTopic('kept', 1, [:])
    kafka.produce([record('kept', 'before')])
    def (killed, address) = [broker.node(0).pid(), broker.bootstrapServers()]

    when:
    broker.node(0).kill()

    then:
    !broker.node(0).alive
    !ProcessHandle.of(killed).map { it.alive }.orElse(false)

    when:
    broker.node(0).restart()
    kafka.produce([record('kept', 'after')])

    then:
    broker.bootstrapServers() == address
    broker.node(0).pid() != killed
    kafka.readCommitted('kept').collect { new String(it.value()) } == ['before', 'after']

    cleanup:
    kafka?.close()
    broker?.close()
  }

  @Tag('long')
  def "it runs the transactions and the group protocol of today"() {
    given:
    def broker = LocalKafka.start(dir, [:])
    def admin = Admin.create('bootstrap.servers': broker.bootstrapServers())

    expect:
    with(admin.describeFeatures().featureMetadata().get().finalizedFeatures()) {
      it['transaction.version'].maxVersionLevel() == 2
      it['group.version'].maxVersionLevel() == 1
    }

    cleanup:
    admin?.close()
    broker?.close()
  }

  @Tag('long')
  def "three nodes survive the loss of any one, the controller's leader or not"() {
    given:
    def cluster = LocalKafka.cluster(dir, 3, [:])
    def kafka = new KafkaHelper(cluster.bootstrapServers())
    kafka.createTopic('replicated', 3, [:])
    kafka.produce((1..30).collect { record('replicated', "before-$it") })

    when:
    cluster.node(lost).kill()
    kafka.produce((1..30).collect { record('replicated', "after-$it") })

    then:
    !cluster.node(lost).alive
    kafka.readCommitted('replicated').size() == 60

    when:
    cluster.node(lost).restart()

    then:
    Await.within(Duration.ofSeconds(30)) { inSync(kafka, 'replicated') == [3, 3, 3] }

    cleanup:
    kafka?.close()
    cluster?.close()

    where:
    lost << [0, 2]
  }

  @Tag('long')
  def "a paused broker keeps its process and answers again when it is resumed"() {
    given:
    def broker = LocalKafka.start(dir, [:])
    def admin = Admin.create('bootstrap.servers': broker.bootstrapServers(), 'default.api.timeout.ms': 60_000)

    when:
    broker.node(0).pause()
    def answer = admin.describeCluster().clusterId()
    def early = Await.within(Duration.ofMillis(700)) { answer.done }
    broker.node(0).resume()

    then:
    !early
    answer.get(60, SECONDS)
    broker.node(0).alive

    cleanup:
    admin?.close()
    broker?.close()
  }

  @Tag('long')
  def "a broker that cannot start says why"() {
    when:
    LocalKafka.start(dir, ['log.retention.ms': 'soon'])

    then:
    def e = thrown(IllegalStateException)
    e.message.contains('log.retention.ms')
  }

  private static record(String topic, String value) {
    new ProducerRecord<byte[], byte[]>(topic, value.bytes)
  }

  private static List<Integer> inSync(KafkaHelper kafka, String topic) {
    kafka.admin().describeTopics([topic]).allTopicNames().get()[topic].partitions()*.isr()*.size()
  }
}
