package io.exactlyonce.engine

import io.exactlyonce.cli.common.ClientSettings
import io.exactlyonce.cli.common.Cluster
import io.exactlyonce.engine.topic.TopicWatch
import io.exactlyonce.local.LogLines
import org.apache.kafka.clients.admin.NewPartitions
import spock.lang.AutoCleanup
import spock.lang.Tag

import java.time.Duration

/** A broker that makes a topic when a client asks for it, as Kafka's do unless they are told otherwise. */
class AutoCreateSpec extends OwnBackendsSpec {

  @AutoCleanup
  LogLines log = new LogLines(TopicWatch)

  @Override
  Map<String, String> brokerSettings() {
    ['auto.create.topics.enable': 'true', 'num.partitions': '2']
  }

  Set<String> topics() {
    admin.listTopics().names().get()
  }

  boolean isSaid(String text) {
    log.texts().any { it.contains(text) }
  }

  @Tag('long')
  def "a deleted source stays away while the pipeline waits for it, and its other sources go on (#protocol)"() {
    given:
    def gone = unique('gone')
    createTopic(gone, 3)
    def running = run(source: "$source,$gone", 'group-protocol': protocol, 'consumer.metadata.max.age.ms': '500')
    await(BOUND) { assert workers(running)*.partitions().flatten().size() == 6 }

    when:
    admin.deleteTopics([gone]).all().get()

    and: 'to read this one its consumer has asked for all its topics since'
    admin.createPartitions([(source): NewPartitions.increaseTo(4)]).all().get()
    kafka.awaitTopic(source, 4)
    produce([record('behind', partition: 3)])
    await(BOUND) { assert visible() == ['behind'] }

    then:
    !topics().contains(gone)
    await(BOUND) { assert running.pipeline().status().warnings() == ["topic $gone does not exist any more; it is used again once it is created".toString()] }

    where:
    protocol << ['classic', 'consumer']
  }

  def "no command has a topic made by asking for it"() {
    given:
    def missing = unique('missing')
    def cluster = new Cluster(ClientSettings.of(Optional.of(bootstrapServers), Optional.empty(), [:]), Duration.ofSeconds(5))
    def consumer = group ? cluster.reader(group) : cluster.reader()
    opened << consumer

    when:
    consumer.partitionsFor(missing)

    and: 'by the same broker, behind what it would have asked for'
    createTopic(unique('behind'))

    then:
    !topics().contains(missing)

    where:
    group << ['', 'some-group']
  }

  @Tag('long')
  def "a deleted sink comes back with the next record for it, and the log says with how many partitions"() {
    given:
    def running = run()
    produce([record('before')])
    awaitDrained()

    when:
    admin.deleteTopics([sink]).all().get()
    await(BOUND) { assert running.pipeline().status().warnings().any { it == "topic $sink does not exist any more; it is used again once it is created" } }
    produce([record('behind')])
    await(BOUND) { assert isSaid("topic $sink was made anew: its id is ") }

    then:
    isSaid('its partitions are 2, before 3; records written to the old topic are gone, and outputs go to the new one')

    and:
    await(BOUND) { assert running.pipeline().status().warnings().empty }
    awaitDrained()
    visible() == ['behind']
  }
}
