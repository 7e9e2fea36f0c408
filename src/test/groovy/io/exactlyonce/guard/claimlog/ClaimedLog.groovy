package io.exactlyonce.guard.claimlog

import io.exactlyonce.guard.Position
import io.exactlyonce.local.BackendsSpec
import io.exactlyonce.receipt.HandMadePipeline
import org.apache.kafka.clients.admin.Admin
import org.apache.kafka.clients.consumer.ConsumerRecord
import org.apache.kafka.clients.consumer.KafkaConsumer
import org.apache.kafka.clients.producer.KafkaProducer
import org.apache.kafka.common.KafkaException
import org.apache.kafka.common.serialization.ByteArrayDeserializer
import org.apache.kafka.common.serialization.ByteArraySerializer
import spock.lang.AutoCleanup

import java.time.Clock
import java.time.Duration

/** A group whose transactions are made by hand, and what a claim log reads of it. */
abstract class ClaimedLog extends BackendsSpec {

  String group = unique('claimed')
  String source = unique('source')
  String sink = unique('sink')
  Map<String, String> claims = [:]
  List<String> missing

  @AutoCleanup
  HandMadePipeline pipeline

  def setup() {
    createTopic(source, 2)
    createTopic(sink, 2)
    createTopic(group + '.receipts', 2)
    createTopic(group + '.dead-letters')
    pipeline = new HandMadePipeline(bootstrapServers, admin, group, source, sink)
  }

  /** The partition that the receipts are in: they have their worker's key. */
  int where() {
    readCommitted(group + '.receipts')*.partition().with { it.empty ? lastSeen : (lastSeen = it[0]) }
  }

  int lastSeen

  void replay(KafkaClaimLog from = log()) {
    claims = [:]
    from.replay { key, position -> claims[new String(key, 'ISO-8859-1')] = position.encodeHex().toString() }
    missing = from.missing().parts()*.toString()
  }

  /** with: window, prefix, ids (whether they are required), refuse, at (what the time is), finder */
  KafkaClaimLog log(Map with = [:]) {
    def finder = with.finder ?: HandMadePipeline::eventId
    def claimants = new KafkaClaimLog.Claimants() {
      byte[] eventId(ConsumerRecord<byte[], byte[]> record) { finder(record) }
      byte[] origin(ConsumerRecord<byte[], byte[]> record) { record.headers().lastHeader('waits-for')?.value() }
    }
    new KafkaClaimLog(
        new KafkaClaimLog.Clients(
            { Admin.create('bootstrap.servers': bootstrapServers) },
            { pipeline.consumer() },
            { pipeline.consumer('read_uncommitted') },
            { unopened(KafkaClaimLog.announcerId(group)) }),
        new KafkaClaimLog.Scope(group, [source], group + '.receipts', with.prefix ?: group + '-', with.window ?: Duration.ofHours(24),
            with.ids != false, with.refuse == true),
        claimants,
        with.clock ?: Clock.systemUTC())
  }

  String position(int partition, long offset) {
    Position.encode(pipeline.sourceId, partition, offset).encodeHex().toString()
  }

  KafkaProducer<byte[], byte[]> producer(String id) {
    def made = unopened(id)
    made.initTransactions()
    made
  }

  KafkaProducer<byte[], byte[]> unopened(String id) {
    def settings = ['bootstrap.servers': bootstrapServers, 'transactional.id': id] as Map<String, Object>
    new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())
  }

  KafkaConsumer<byte[], byte[]> consumer(String clientId) {
    def settings = ['bootstrap.servers': bootstrapServers, 'group.id': group, 'client.id': clientId] as Map<String, Object>
    new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())
  }

  static KafkaException fails(Closure work) {
    try {
      work()
    } catch (KafkaException e) {
      return e
    }
    assert false: 'it did not fail'
  }
}
