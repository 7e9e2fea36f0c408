package io.exactlyonce.engine

import io.exactlyonce.local.Await
import io.exactlyonce.local.EmbeddedBackends
import io.exactlyonce.local.KafkaNode
import org.apache.kafka.clients.admin.NewTopic
import spock.lang.Tag

import java.time.Duration

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

  KafkaNode node(int id) {
    own.kafka().node(id - 1)
  }

  @Tag('long')
  def "idle, it says which broker has not answered since when; ready once others lead what that one led"() {
    given:
    def pipeline = run().pipeline()
    await(BOUND) { pipeline.status().ready }
    int silent = leader(source, 0)

    when:
    node(silent).pause()
    await(BOUND) { !pipeline.status().trouble().empty }
    def status = pipeline.status()

    then:
    status.trouble() =~ /^Kafka broker $silent at ${node(silent).address()} has not answered since [-0-9T:.]+Z$/
    !status.ready

    when: 'the controller has taken its partitions from it'
    await(BOUND) { pipeline.status().ready }

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
    source = unique('alone')
    admin.createTopics([new NewTopic(source, 3, (short) 1)]).all().get()
    kafka.awaitTopic(source, 3)
    def pipeline = run().pipeline()
    await(BOUND) { pipeline.status().ready }
    int silent = leader(source, 0)
    node(silent).pause()
    await(BOUND) { !pipeline.status().ready }

    expect: 'longer than the controller takes, and the others need to lead the rest'
    !Await.within(Duration.ofSeconds(20)) { pipeline.status().ready }
    pipeline.status().trouble().contains("Kafka broker $silent at ${node(silent).address()} has not answered since ")

    when:
    node(silent).resume()
    def back = System.nanoTime()
    await(BOUND) { pipeline.status().ready }

    then:
    Duration.ofNanos(System.nanoTime() - back) < Duration.ofSeconds(5)
  }
}
