package io.exactlyonce.receipt

import io.exactlyonce.local.BackendsSpec
import org.apache.kafka.clients.producer.ProducerRecord
import org.apache.kafka.common.TopicPartition
import org.apache.kafka.common.Uuid
import spock.lang.AutoCleanup

import java.time.Clock
import java.time.Duration

/** Where the receipts say that a partition stopped. */
class LastReceiptsSpec extends BackendsSpec {

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

  private void receipt(long from, long to, Duration ago = Duration.ZERO, Uuid id = pipeline.sourceId) {
    def millis = System.currentTimeMillis() - ago.toMillis()
    def span = new Receipt.Span(source, id, 0, from, to, (int) (to - from), 0, [], [])
    def receipt = new Receipt('w-0', 'spec', millis, [span], new TreeMap<>())
    produce([new ProducerRecord<byte[], byte[]>(group + '.receipts', 0, millis, null, Receipts.write(receipt))])
  }

  private Map<TopicPartition, Long> ends() {
    new ReceiptEnds({ admin }, { pipeline.consumer() }, group + '.receipts', Clock.systemUTC(), Duration.ofSeconds(20))
        .find(new LogOffsets(admin, Duration.ofSeconds(20)), [(partition): pipeline.sourceId]).ends()
  }
}
