package io.exactlyonce.engine.topic

import io.exactlyonce.local.BackendsSpec
import org.apache.kafka.clients.admin.Admin
import org.apache.kafka.clients.admin.DescribeTopicsOptions
import org.apache.kafka.clients.admin.ListTopicsResult
import org.apache.kafka.common.KafkaFuture
import org.apache.kafka.common.TopicPartition

import java.time.Duration
import java.util.concurrent.ExecutionException
import java.util.concurrent.TimeUnit

class TopicIdsSpec extends BackendsSpec {

  static final Duration BOUND = Duration.ofSeconds(10)

  def "a topic that was described exists, though the broker that is asked for all topics does not list it yet"() {
    given:
    def topic = unique('new')
    createTopic(topic, 1)
    def behind = [describeTopics: { Collection<String> names, DescribeTopicsOptions options -> admin.describeTopics(names, options) },
                  listTopics    : { new ListTopicsResult(KafkaFuture.completedFuture([:])) }] as Admin
    def ids = new TopicIds(behind, BOUND)

    when:
    ids.partitions([topic])

    then:
    ids.existing() == [ids.of(topic)] as Set
    ids.partitionsOf(topic) == [new TopicPartition(topic, 0)] as Set
  }

  def "a look-up that its client takes no further is answered with the refusal: nobody waits on"() {
    given:
    def topic = unique('refused')
    createTopic(topic, 1)
    def closing = [describeTopics          : { Collection<String> names, DescribeTopicsOptions options -> admin.describeTopics(names, options) },
                   listConsumerGroupOffsets: { asked, options -> throw new IllegalStateException('the client is closed') }] as Admin

    when:
    new TopicIds(closing, BOUND).lookUp('group', [new TopicPartition(topic, 0)]).values().first().get(BOUND.toSeconds(), TimeUnit.SECONDS)

    then:
    def failed = thrown(ExecutionException)
    failed.cause.message == 'the client is closed'
  }
}
