package io.exactlyonce.engine

import io.exactlyonce.config.ClientConfigs
import io.exactlyonce.config.PipelineConfig
import io.exactlyonce.eventid.EventIds
import io.exactlyonce.local.Await
import io.exactlyonce.local.KafkaHelper
import io.exactlyonce.receipt.Receipt
import io.exactlyonce.receipt.ReceiptReader
import io.exactlyonce.receipt.audit.Audit
import io.exactlyonce.receipt.audit.AuditScope
import io.exactlyonce.receipt.audit.report.AuditReport
import org.apache.kafka.clients.consumer.ConsumerRecord
import org.apache.kafka.clients.consumer.KafkaConsumer
import org.apache.kafka.common.TopicPartition

import java.time.Duration

/**
 * What a pipeline promises, asked of its topics and its group from outside. A scenario asks when all is committed; each
 * question fails with what it found.
 */
class Guarantees {

  private final KafkaHelper kafka
  private final String bootstrapServers
  private final String group
  private final String source
  private final String sink

  Guarantees(KafkaHelper kafka, String bootstrapServers, String group, String source, String sink) {
    this.kafka = kafka
    this.bootstrapServers = bootstrapServers
    this.group = group
    this.source = source
    this.sink = sink
  }

  /** All of it, for handlers that copy: each of these values once, in order, with receipts and an audit that agree. */
  void all(Collection<String> values) {
    def visible = kafka.readCommitted(sink)
    noLoss(values, visible)
    noDuplicates(visible)
    orderPerKey(visible)
    receiptsJoin()
    auditClean()
  }

  /** Each value is visible in the sink. */
  void noLoss(Collection<String> values, List<ConsumerRecord<byte[], byte[]>> visible = kafka.readCommitted(sink)) {
    def lost = new HashSet<String>(values)
    lost.removeAll(seen(visible).keySet()) // Groovy's minus compares each with each
    assert lost.size() == 0: "lost, the first of them: ${lost.take(5)}"
  }

  /** No value is visible in the sink twice. */
  void noDuplicates(List<ConsumerRecord<byte[], byte[]>> visible = kafka.readCommitted(sink)) {
    def twice = seen(visible).findAll { it.value > 1 }
    assert twice.size() == 0: "duplicated, the first of them: ${twice.take(5)}"
  }

  /** Of the records of one key that come from one partition; an event sent again may be elsewhere. */
  void orderPerKey(List<ConsumerRecord<byte[], byte[]>> visible = kafka.readCommitted(sink)) {
    visible.groupBy { [new String(it.key()), sourcePosition(it)[0]] }.each { keyAndPartition, records ->
      def offsets = records.sort { it.offset() }.collect { sourcePosition(it)[1] as long }
      assert offsets == offsets.toSorted(): "$keyAndPartition"
    }
  }

  /**
   * The invariant "a receipt for each transaction": per partition, receipts join end to end from the first record to
   * what is committed. Both are read again while the markers of a commit are still being written.
   */
  void receiptsJoin() {
    Map<TopicPartition, Long> committed = [:]
    Map<TopicPartition, List<Receipt.Span>> spans = [:]
    Await.until(Duration.ofSeconds(10)) {
      committed = offsets()
      spans = receipts()*.spans().flatten().groupBy { new TopicPartition(it.topic(), it.partition()) }
      assert committed == offsets()
      assert committed.every { partition, offset -> spans[partition]?.max { it.to() }?.to() == offset }
    }
    committed.each { partition, offset ->
      def at = 0L
      (spans[partition] ?: []).sort { it.from() }.each { assert it.from() == at; at = it.to() }
      assert at == offset
    }
  }

  /** The project's own audit has nothing against it. */
  void auditClean(String... delays) {
    def report = audit(delays)
    assert report.findings() == []
    assert report.isClean()
  }

  /** The whole log, by the project's own audit; with the retry topics of these delays. */
  AuditReport audit(String... delays) {
    def config = PipelineConfig.parse(group, [source: source], 'spec')
    def configs = new ClientConfigs(config, ['bootstrap.servers': bootstrapServers])
    def sources = [source] + delays.collect { "${group}.retry.$it".toString() }
    new Audit(kafka.admin(), { new KafkaConsumer(configs.reader()) }, EventIds.of(config.guard().eventId(), { null })::findUsable, Duration.ofSeconds(60))
        .run(AuditScope.of(group, sources, [sink]))
  }

  /** Those of source records. */
  List<Receipt> receipts() {
    kafka.readCommitted("$group" + '.receipts').collect { ReceiptReader.read(it.value()) }.findAll { it.spans() }
  }

  Map<TopicPartition, Long> offsets() {
    kafka.admin().listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get().collectEntries { partition, offset -> [partition, offset.offset()] }
  }

  private static Map<String, Integer> seen(List<ConsumerRecord<byte[], byte[]>> visible) {
    visible.collect { new String(it.value()) }.countBy { it }
  }

  /** Topic and partition, then the offset. */
  private static String[] sourcePosition(ConsumerRecord<byte[], byte[]> record) {
    new String(record.headers().lastHeader('source-position').value()).split('[@;]')
  }
}
