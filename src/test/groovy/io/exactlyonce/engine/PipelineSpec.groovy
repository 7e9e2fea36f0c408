package io.exactlyonce.engine

import io.exactlyonce.engine.status.WorkerStatus
import io.exactlyonce.handler.Handler
import io.exactlyonce.handler.Outcome
import io.exactlyonce.handler.Output
import io.exactlyonce.local.BackendsSpec
import io.exactlyonce.receipt.Receipt
import io.exactlyonce.wiring.TestPipeline
import org.apache.kafka.clients.admin.ListOffsetsOptions
import org.apache.kafka.clients.admin.OffsetSpec
import org.apache.kafka.clients.consumer.ConsumerRecord
import org.apache.kafka.clients.producer.ProducerRecord
import org.apache.kafka.common.IsolationLevel
import org.apache.kafka.common.TopicPartition
import org.apache.kafka.common.header.internals.RecordHeader

import java.time.Duration

/** A spec of a pipeline on its own topics: {@code source} to {@code sink}, three partitions each. */
abstract class PipelineSpec extends BackendsSpec {

  static final Duration BOUND = Duration.ofSeconds(120)

  String name = unique('p')
  String source = "$name-in"
  String sink = "$name-out"
  List<AutoCloseable> opened = []

  def setup() {
    createTopic(source, 3)
    createTopic(sink, 3)
  }

  def cleanup() {
    opened.reverse().each { it.close() }
  }

  TestPipeline run(Map<String, String> settings = [:], Handler<String> handler = copy()) {
    def all = ([source: source, sinks: sink, 'retry.backoff': '1ms'] + settings).collectEntries { k, v -> [k, v.toString()] }
    def running = TestPipeline.start(name, all, handler, bootstrapServers, redisUri)
    opened << running
    running
  }

  List<WorkerStatus> workers(TestPipeline running) {
    running.pipeline().status().workers()
  }

  /** So many workers, and all three partitions among them. */
  void awaitRunning(TestPipeline running, int number) {
    await(BOUND) {
      def all = workers(running)
      assert running.pipeline().status().ready && all.size() == number && all*.partitions().flatten().size() == 3
    }
  }

  /** One output for each event, keyed and valued like it. */
  Handler<String> copy() {
    String to = sink
    return { event -> Outcome.emit(Output.to(to, event.key(), event.value())) } as Handler<String>
  }

  /** A record of the source; its event id is its value unless said otherwise. */
  ProducerRecord<byte[], byte[]> record(Map more = [:], String value) {
    def id = more.containsKey('id') ? more.id : value
    def headers = id == null ? [] : [new RecordHeader('event-id', id instanceof byte[] ? id : id.toString().bytes)]
    new ProducerRecord<>(source, more.partition as Integer, null,
        (more.key ?: value).toString().bytes, value?.bytes, headers)
  }

  List<String> values(List<ConsumerRecord<byte[], byte[]>> records) {
    records.collect { new String(it.value()) }
  }

  String header(ConsumerRecord<byte[], byte[]> record, String name) {
    def found = record.headers().lastHeader(name)
    found == null ? null : new String(found.value())
  }

  long lag() {
    def partitions = partitionsOf(source)
    def ends = admin.listOffsets(partitions.collectEntries { [it, OffsetSpec.latest()] },
        new ListOffsetsOptions(IsolationLevel.READ_COMMITTED)).all().get()
    def committed = admin.listConsumerGroupOffsets(name).partitionsToOffsetAndMetadata().get()
    partitions.sum { ends[it].offset() - (committed[it]?.offset() ?: 0) } as long
  }

  /** All is committed, and visible: the offsets' marker may be written before those of the sinks. */
  void awaitDrained() {
    await(BOUND) { assert lag() == 0 }
    await(BOUND) { assert [sink, "$name" + '.dead-letters', "$name" + '.receipts'].every { isSettled(it) } }
  }

  /** No transaction is open on the topic. */
  boolean isSettled(String topic) {
    def partitions = partitionsOf(topic).collectEntries { [it, OffsetSpec.latest()] }
    def ends = { IsolationLevel level ->
      admin.listOffsets(partitions, new ListOffsetsOptions(level)).all().get().collectEntries { [it.key, it.value.offset()] }
    }
    ends(IsolationLevel.READ_COMMITTED) == ends(IsolationLevel.READ_UNCOMMITTED)
  }

  List<TopicPartition> partitionsOf(String topic) {
    admin.describeTopics([topic]).allTopicNames().get()[topic].partitions().collect { new TopicPartition(topic, it.partition()) }
  }

  /** In the order of the sink's partitions, which says nothing across keys. */
  List<String> visible() {
    values(readCommitted(sink)).sort()
  }

  Guarantees getGuarantees() {
    new Guarantees(kafka, bootstrapServers, name, source, sink)
  }

  /** Those of source records. */
  List<Receipt> receipts() {
    guarantees.receipts()
  }

  /** The retry topics are read to their end too, and what came of it is visible. */
  void awaitRetried(String... delays) {
    awaitDrained()
    delays.each { delay ->
      def partitions = (0..2).collect { new TopicPartition("${name}.retry.$delay", it) }
      await(BOUND) {
        def ends = admin.listOffsets(partitions.collectEntries { [it, OffsetSpec.latest()] }).all().get()
        def committed = admin.listConsumerGroupOffsets(name).partitionsToOffsetAndMetadata().get()
        assert partitions.every { ends[it].offset() == (committed[it]?.offset() ?: 0) }
      }
    }
    awaitDrained()
  }
}
