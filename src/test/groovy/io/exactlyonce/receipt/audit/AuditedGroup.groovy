package io.exactlyonce.receipt.audit

import io.exactlyonce.config.value.OutputHeaderNames
import io.exactlyonce.local.BackendsSpec
import io.exactlyonce.receipt.HandMadePipeline
import io.exactlyonce.receipt.OutputSum
import io.exactlyonce.receipt.Receipt
import io.exactlyonce.receipt.Receipts
import io.exactlyonce.receipt.audit.report.AuditReport
import io.exactlyonce.receipt.audit.report.Finding
import org.apache.kafka.clients.admin.AlterConfigOp
import org.apache.kafka.clients.admin.ConfigEntry
import org.apache.kafka.clients.admin.ForwardingAdmin
import org.apache.kafka.clients.admin.ListOffsetsOptions
import org.apache.kafka.clients.admin.ListOffsetsResult
import org.apache.kafka.clients.admin.OffsetSpec
import org.apache.kafka.clients.admin.RecordsToDelete
import org.apache.kafka.clients.consumer.OffsetAndMetadata
import org.apache.kafka.clients.producer.ProducerRecord
import org.apache.kafka.common.TopicPartition
import org.apache.kafka.common.config.ConfigResource
import org.apache.kafka.common.utils.Utils
import spock.lang.AutoCleanup

import java.time.Duration
import java.time.Instant

/** A group whose transactions are made by hand, and its audit. */
abstract class AuditedGroup extends BackendsSpec {

  static final long OLD = 3_600_000
  static final Duration RECENT = Duration.ofMinutes(10)

  String group = unique('audited')
  String source = unique('source')
  String sink = unique('sink')

  @AutoCleanup
  HandMadePipeline pipeline

  def setup() {
    createTopic(source, 2)
    createTopic(sink, 2)
    createTopic(group + '.receipts', 2)
    createTopic(group + '.dead-letters')
    pipeline = new HandMadePipeline(bootstrapServers, admin, group, source, sink)
  }

  /** Whose receipts go to this partition. */
  static String workerOf(int partition) {
    (0..100).collect { "w-$it".toString() }.find { Utils.toPositive(Utils.murmur2(it.bytes)) % 2 == partition }
  }

  /** Asks for the end of one partition after the other, as a client does of several brokers. */
  static class OneByOneAdmin extends ForwardingAdmin {
    private final Closure<?> first

    OneByOneAdmin(String bootstrapServers, Closure<?> first) {
      super(['bootstrap.servers': bootstrapServers] as Map<String, Object>)
      this.first = first
    }

    @Override
    ListOffsetsResult listOffsets(Map<TopicPartition, OffsetSpec> asked, ListOffsetsOptions options) {
      def answers = [:]
      for (TopicPartition partition : asked.keySet().sort { it.partition() }) {
        if (asked[partition] instanceof OffsetSpec.LatestSpec) {
          first(partition)
        }
        answers[partition] = super.listOffsets([(partition): asked[partition]], options).partitionResult(partition)
        answers[partition].get()
      }
      new ListOffsetsResult(answers)
    }
  }

  void halfway() {
    produce(pipeline.records(0, 20))
    pipeline.transaction(0, 0, 10)
  }

  void stand(int partition, long offset) {
    admin.alterConsumerGroupOffsets(group, [(new TopicPartition(source, partition)): new OffsetAndMetadata(offset)]).all().get()
  }

  void cutReceipts(long before) {
    def p = readCommitted(group + '.receipts')[0].partition()
    admin.deleteRecords([(new TopicPartition(group + '.receipts', p)): RecordsToDelete.beforeOffset(before)]).all().get()
  }

  void compact(String topic) {
    admin.incrementalAlterConfigs([(new ConfigResource(ConfigResource.Type.TOPIC, topic)):
        [new AlterConfigOp(new ConfigEntry('cleanup.policy', 'compact'), AlterConfigOp.OpType.SET)]]).all().get()
  }

  HandMadePipeline makeAnew() {
    admin.deleteTopics([source]).all().get()
    await(Duration.ofSeconds(20)) { assert !(source in admin.listTopics().names().get()) }
    createTopic(source, 2)
    new HandMadePipeline(bootstrapServers, admin, group, source, sink)
  }

  void writeReceipt(Receipt.Span span, Map<String, Integer> outputs) {
    def receipt = new Receipt('w-0', 'spec', System.currentTimeMillis(), [span], new TreeMap<>(outputs))
    produce([new ProducerRecord<byte[], byte[]>(group + '.receipts', Receipts.write(receipt))])
  }

  long sumOf(List<Long> offsets) {
    offsets.inject(0L) { sum, offset -> OutputSum.add(sum, offset, sink) }
  }

  static Finding only(AuditReport report, Finding.Kind kind, String where) {
    assert report.findings().size() == 1
    assert report.findings()[0].kind() == kind
    assert report.findings()[0].where().startsWith(where)
    report.findings()[0]
  }

  AuditReport recent(Map with = [:]) {
    audit(with + [since: new Since.At(Instant.now() - RECENT)])
  }

  AuditReport audit(Map with = [:]) {
    new Audit(admin, { pipeline.consumer() }, HandMadePipeline::eventId, (with.patience ?: Duration.ofSeconds(30)) as Duration).run(
        new AuditScope(group, [source], [sink], group + '.receipts', group + '.dead-letters',
            (with.since ?: Since.oldest()) as Since, with.mayRepeat ?: false, (with.window ?: Duration.ofHours(24)) as Duration,
            (with.headers ?: OutputHeaderNames.standard()) as OutputHeaderNames))
  }
}
