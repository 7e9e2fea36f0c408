package io.exactlyonce.receipt

import io.exactlyonce.local.BackendsSpec
import org.apache.kafka.clients.admin.Admin
import org.apache.kafka.clients.producer.ProducerRecord
import org.apache.kafka.common.TopicPartition
import org.apache.kafka.common.Uuid
import spock.lang.AutoCleanup

import java.time.Clock
import java.time.Duration

/** Where the receipts say that a partition stopped. */
class LastReceiptsSpec extends BackendsSpec {

  static final Uuid OLD = Uuid.randomUuid()
  static final Uuid OLDER = Uuid.randomUuid()

  String group = unique('ended')
  String source = unique('source')
  TopicPartition partition = new TopicPartition(source, 0)

  @AutoCleanup
  HandMadePipeline pipeline

  def setup() {
    createTopic(source)
    createTopic(group + '.receipts')
    pipeline = new HandMadePipeline(bootstrapServers, admin, group, source, 'none')
  }

  def "it is where the furthest receipt ends, whichever was written last"() {
    when:
    receipt(0, 10)
    receipt(10, 20)
    receipt(5, 8)

    then:
    ends() == [(partition): 20L]
  }

  def "a receipt near the beginning of the time looked at does not hide one by a slower clock"() {
    when:
    receipt(10, 20, Duration.ofMinutes(61))
    receipt(0, 10, Duration.ofMinutes(59))

    then:
    ends() == [(partition): 20L]
  }

  def "receipts of a topic that was deleted do not count"() {
    when:
    receipt(0, 10, Duration.ZERO, Uuid.randomUuid())

    then:
    ends() == [:]
  }

  def "a former topic is known by the partition's last receipt, else by any of its topic (#what)"() {
    when:
    spans.each { p, id, end -> receipt(0, end, Duration.ZERO, id ?: pipeline.sourceId, p) }

    then:
    lastReceipts().find(offsets(), [(partition): pipeline.sourceId]).former() == (expected == null ? [:] : [(partition): expected])

    where:
    what                             | spans                              || expected
    'its own'                        | [[0, OLD, 7L], [1, OLD, 9L]]       || new LastReceipts.Former(OLD, 7)
    'its own, others have begun'     | [[0, OLD, 7L], [1, null, 9L]]      || new LastReceipts.Former(OLD, 7)
    'of another partition'           | [[1, OLD, 9L]]                     || new LastReceipts.Former(OLD, 0)
    'others have begun the new one'  | [[1, OLD, 9L], [2, null, 3L]]      || null
    'none'                           | [[1, null, 3L]]                    || null
  }

  def "all topics of a name that receipts tell of, with where their partitions ended"() {
    when:
    receipt(0, 10, Duration.ZERO, OLD, 0)
    receipt(10, 15, Duration.ZERO, OLD, 0)
    receipt(0, 4, Duration.ofDays(3), OLDER, 2)
    receipt(0, 6)

    then:
    lastReceipts().byTopicId(source) == [(OLD): [0: 15L], (OLDER): [2: 4L], (pipeline.sourceId): [0: 6L]]
  }

  private void receipt(long from, long to, Duration ago = Duration.ZERO, Uuid id = pipeline.sourceId, int number = 0) {
    def millis = System.currentTimeMillis() - ago.toMillis()
    def span = new Receipt.Span(source, id, number, from, to, new Receipt.Outcomes((int) (to - from), 0, [], []), Receipt.Sums.UNKNOWN)
    def receipt = new Receipt('w-0', 'spec', millis, [span], new TreeMap<>())
    produce([new ProducerRecord<byte[], byte[]>(group + '.receipts', 0, millis, null, Receipts.write(receipt))])
  }

  private Map<TopicPartition, Long> ends() {
    lastReceipts().find(offsets(), [(partition): pipeline.sourceId]).ends()
  }

  private LogOffsets offsets() {
    new LogOffsets(admin, Duration.ofSeconds(20))
  }

  private LastReceipts lastReceipts() {
    new LastReceipts({ Admin.create(['bootstrap.servers': bootstrapServers]) }, { pipeline.consumer() }, group + '.receipts', Clock.systemUTC(),
        Duration.ofSeconds(20))
  }
}
