package io.exactlyonce.engine.worker

import io.exactlyonce.engine.PipelineSpec
import io.exactlyonce.engine.Records
import io.exactlyonce.engine.inflight.Track
import io.exactlyonce.engine.inflight.Tracks
import io.exactlyonce.engine.topic.TopicIds
import io.exactlyonce.guard.Guard
import io.exactlyonce.receipt.HandMadePipeline
import io.exactlyonce.receipt.LastReceipts
import org.apache.kafka.clients.admin.Admin
import org.apache.kafka.clients.consumer.KafkaConsumer
import org.apache.kafka.clients.consumer.OffsetAndMetadata
import org.apache.kafka.common.TopicPartition
import org.apache.kafka.common.Uuid
import org.apache.kafka.common.serialization.ByteArrayDeserializer

import java.time.Clock
import java.util.concurrent.CompletableFuture
import java.util.concurrent.CountDownLatch

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
    def tracks = Records.tracks()

    and: 'and of a seventh, behind the end that was seen'
    def receipts = new LastReceipts({ openAdmin() }, {
      produce([record('v6', partition: 0)])
      other.transaction(0, 6, 7, offsets: false)
      reader()
    }, "$name" + '.receipts', Clock.systemUTC(), BOUND)

    when:
    def positions = positions(consumer, tracks, topicIds, receipts)
    positions.assign([partition])
    await(BOUND) { // a broker that is slow to answer is not waited for by assign
      positions.maybeLocate(System.nanoTime())
      assert tracks.get(partition).located
    }

    then:
    consumer.position(partition) == 7
    tracks.get(partition).committed() == 7
  }

  def "a partition that the receipts have to tell of keeps no other waiting while they are read"() {
    given: 'the group has an offset of the first and none of the second'
    createTopic("$name" + '.receipts', 1)
    produce((0..<6).collect { record("v$it", partition: it % 2) })
    def (known, unknown) = [new TopicPartition(source, 0), new TopicPartition(source, 1)]
    admin.alterConsumerGroupOffsets(name, [(known): new OffsetAndMetadata(2)]).all().get()
    def gate = new CountDownLatch(1)
    def receipts = new LastReceipts({ openAdmin() }, { gate.await(); reader() }, "$name" + '.receipts', Clock.systemUTC(), BOUND)
    new HandMadePipeline(bootstrapServers, admin, name, source, sink).withCloseable { it.transaction(1, 0, 2, offsets: false) }
    def consumer = reader()
    consumer.assign([known, unknown])
    def tracks = Records.tracks()
    def positions = positions(consumer, tracks, new TopicIds(admin, BOUND), receipts)

    when:
    positions.assign([known, unknown])
    await(BOUND) {
      positions.maybeLocate(System.nanoTime())
      assert tracks.get(known).located
    }

    then:
    !tracks.get(unknown).located
    consumer.position(known) == 2

    when:
    gate.countDown()
    await(BOUND) {
      positions.maybeLocate(System.nanoTime())
      assert tracks.get(unknown).located
    }

    then:
    consumer.position(unknown) == 2
  }

  def "receipts are not read for an empty partition of a topic of which the group has offsets (of #which: read is #read)"() {
    given:
    createTopic("$name" + '.receipts', 1)
    produce([record('v', partition: 0)])
    def (known, empty) = [new TopicPartition(source, 0), new TopicPartition(source, 1)]
    def topicIds = new TopicIds(admin, BOUND)
    def ids = [present: admin.describeTopics([source]).allTopicNames().get()[source].topicId(), earlier: Uuid.randomUuid()]
    admin.alterConsumerGroupOffsets(name, [(known): new OffsetAndMetadata(1, ids[which].toString())]).all().get()
    int readings = 0
    def receipts = new LastReceipts({ openAdmin() }, { readings++; reader() }, "$name" + '.receipts', Clock.systemUTC(), BOUND)
    def consumer = reader()
    consumer.assign([empty])
    def tracks = Records.tracks()
    def positions = positions(consumer, tracks, topicIds, receipts)

    when:
    positions.assign([empty])
    await(BOUND) {
      positions.maybeLocate(System.nanoTime())
      assert tracks.get(empty).located
    }

    then:
    (readings > 0) == read

    where:
    which     || read
    'present' || false
    'earlier' || true
  }

  def "the first to find a topic made anew twice releases the claims of all topics before it, and of none that is there"() {
    given: 'three topics of one name, and receipts of the first'
    createTopic("$name" + '.receipts', 1)
    def topicIds = new TopicIds(admin, BOUND)
    def ids = []
    def look = {
      await(BOUND) { assert TopicIds.get(topicIds.lookUp(name, [new TopicPartition(source, 0)]).values().first(), BOUND) && idNow() != ids[-1] }
      ids << idNow()
    }
    ids << Uuid.ZERO_UUID
    look()
    new HandMadePipeline(bootstrapServers, admin, name, source, sink).withCloseable { it.transaction(2, 0, 5, offsets: false) }
    2.times {
      admin.deleteTopics([source]).all().get()
      await(BOUND) { assert isCreated() }
      look()
    }
    def guard = Mock(Guard)
    def released = null
    guard.release(_) >> { args -> released = args[0].get(); CompletableFuture.completedFuture(null) }
    def receipts = new LastReceipts({ openAdmin() }, { reader() }, "$name" + '.receipts', Clock.systemUTC(), BOUND)
    def track = new Track(new TopicPartition(source, 1))

    when:
    new FormerClaims(guard, receipts, topicIds, true).maybeRelease([(track): new Starts.Former(ids[2], 7)], { ids[3] })

    then:
    ids.toSet().size() == 4
    released == [(ids[1]): [2: 5L], (ids[2]): [1: 7L]]
  }

  Uuid idNow() {
    admin.describeTopics([source]).allTopicNames().get()[source].topicId()
  }

  /** The deletion may not be known everywhere yet. */
  boolean isCreated() {
    try {
      createTopic(source, 3)
      true
    } catch (Exception ignored) {
      false
    }
  }

  Positions positions(KafkaConsumer<byte[], byte[]> consumer, Tracks tracks, TopicIds topicIds, LastReceipts receipts) {
    new Positions(name, consumer, tracks, topicIds, new LookedUpReceipts(name, receipts, topicIds, { task -> Thread.startDaemon { task.run() } }),
        new FormerClaims(Guard.off(), receipts, topicIds, false))
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
