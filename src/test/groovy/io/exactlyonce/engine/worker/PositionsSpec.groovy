package io.exactlyonce.engine.worker

import io.exactlyonce.engine.PipelineSpec
import io.exactlyonce.engine.inflight.Tracks
import io.exactlyonce.engine.topic.TopicIds
import io.exactlyonce.guard.Guard
import io.exactlyonce.receipt.HandMadePipeline
import io.exactlyonce.receipt.ReceiptEnds
import org.apache.kafka.clients.admin.Admin
import org.apache.kafka.clients.consumer.KafkaConsumer
import org.apache.kafka.common.TopicPartition
import org.apache.kafka.common.serialization.ByteArrayDeserializer

import java.time.Clock

/** Where partitions stand while somebody else still writes them. */
class PositionsSpec extends PipelineSpec {

  def "a transaction that commits while positions are asked for is no log that was cut"() {
    given: 'the receipts tell of six records'
    createTopic("$name" + '.receipts', 1)
    def other = new HandMadePipeline(bootstrapServers, admin, name, source, sink)
    opened << other
    produce((0..<6).collect { record("v$it", partition: 0) })
    other.transaction(0, 0, 6, offsets: false)
    def topicIds = new TopicIds(admin, BOUND)
    def consumer = reader()
    def partition = new TopicPartition(source, 0)
    consumer.assign([partition])
    def tracks = new Tracks()

    and: 'and of a seventh, behind the end that was seen'
    def receipts = new ReceiptEnds({ openAdmin() }, {
      produce([record('v6', partition: 0)])
      other.transaction(0, 6, 7, offsets: false)
      reader()
    }, "$name" + '.receipts', Clock.systemUTC(), BOUND)

    when:
    def positions = new Positions(name, consumer, tracks, topicIds, receipts, new FormerClaims(Guard.off(), receipts, false), {})
    positions.assign([partition])
    await(BOUND) { // a broker that is slow to answer is not waited for by assign
      positions.maybeLocate(System.nanoTime())
      tracks.get(partition).located
    }

    then:
    consumer.position(partition) == 7
    tracks.get(partition).committed() == 7
  }

  Admin openAdmin() {
    Admin.create(['bootstrap.servers': bootstrapServers])
  }

  KafkaConsumer<byte[], byte[]> reader() {
    def settings = ['bootstrap.servers': bootstrapServers, 'group.id': name, 'isolation.level': 'read_committed',
                    'enable.auto.commit': 'false', 'auto.offset.reset': 'none']
    def consumer = new KafkaConsumer<byte[], byte[]>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())
    opened << consumer
    consumer
  }
}
