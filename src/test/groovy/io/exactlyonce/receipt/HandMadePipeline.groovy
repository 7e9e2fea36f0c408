package io.exactlyonce.receipt

import groovy.transform.CompileStatic
import org.apache.kafka.clients.admin.Admin
import org.apache.kafka.clients.consumer.Consumer
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata
import org.apache.kafka.clients.consumer.ConsumerRecord
import org.apache.kafka.clients.consumer.KafkaConsumer
import org.apache.kafka.clients.consumer.OffsetAndMetadata
import org.apache.kafka.clients.producer.KafkaProducer
import org.apache.kafka.clients.producer.Producer
import org.apache.kafka.clients.producer.ProducerRecord
import org.apache.kafka.common.TopicPartition
import org.apache.kafka.common.Uuid
import org.apache.kafka.common.header.internals.RecordHeader
import org.apache.kafka.common.serialization.ByteArrayDeserializer
import org.apache.kafka.common.serialization.ByteArraySerializer

import java.util.zip.CRC32C

/** What a pipeline would write, one transaction at a time, so that a spec can get one wrong. */
class HandMadePipeline implements AutoCloseable {

  final String bootstrapServers
  final String group
  final String source
  final String sink
  final Uuid sourceId
  private final Map<String, Producer<byte[], byte[]>> producers = [:]

  HandMadePipeline(String bootstrapServers, Admin admin, String group, String source, String sink) {
    this.bootstrapServers = bootstrapServers
    this.group = group
    this.source = source
    this.sink = sink
    this.sourceId = admin.describeTopics([source]).allTopicNames().get()[source].topicId()
  }

  /**
   * One transaction over a stretch of a source partition, each record with one output.
   *
   * with: worker, duplicates, dead, millis, outputs (what is written, by default one for each that is
   * neither), counted (what the receipt says of them), counts (how many it says were processed), sum: false
   * for a receipt of an older version, or the offsets that its outputs are of, content: false for none, decisions, generation, receipt: false for
   * none, offsets: false for none
   */
  void transaction(Map with = [:], int partition, long from, long to) {
    def duplicates = (with.duplicates ?: []) as List<Long>
    def dead = (with.dead ?: []) as List<Long>
    def processed = (to < from ? [] : from..<to).findAll { !(it in duplicates) && !(it in dead) }
    def outputs = with.containsKey('outputs') ? with.outputs : processed.collect { output(partition, it, millis: with.millis) }
    def letters = dead.collect { letter(partition, it, with.millis as Long) }
    def producer = producer((with.worker ?: 'w-0') as String)
    producer.beginTransaction()
    (outputs + letters).each { producer.send(it as ProducerRecord<byte[], byte[]>) }
    def counts = new TreeMap<String, Integer>([(sink): (int) (with.counted ?: processed.size())])
    if (dead) {
      counts[group + '.dead-letters'] = dead.size()
    }
    if (with.receipt != false) {
      def outcomes = new Receipt.Outcomes((int) (with.counts == null ? processed.size() : with.counts), 0, duplicates, dead)
      def sums = new Receipt.Sums(sum(with, processed), content(with, processed))
      def span = new Receipt.Span(source, sourceId, partition, from, to, outcomes, sums)
      def millis = (with.millis ?: System.currentTimeMillis()) as long
      def receipt = new Receipt(with.worker ?: 'w-0', 'spec', millis, [span], counts, (with.decisions ?: []) as List, (with.generation ?: '') as String)
      def key = (with.worker ?: 'w-0') as String
      producer.send(new ProducerRecord(group + '.receipts', null, millis, key.bytes, Receipts.write(receipt)))
    }
    if (with.offsets != false) {
      def offsets = [(new TopicPartition(source, partition)): new OffsetAndMetadata(to, sourceId.toString())]
      producer.sendOffsetsToTransaction(offsets, new ConsumerGroupMetadata(group))
    }
    with.abort ? producer.abortTransaction() : producer.commitTransaction()
  }

  /** A receipt of its own kind, in a transaction of its own; spans need not be any. */
  void decide(Map with = [:], String done, String at, List<Receipt.Span> spans = []) {
    def millis = (with.millis ?: System.currentTimeMillis()) as long
    def worker = (with.worker ?: 'w-9') as String
    def receipt = new Receipt(worker, 'spec', millis, spans, new TreeMap<>(), [new Receipt.Decision(at, done, 'a spec')], '')
    def producer = producer(worker)
    producer.beginTransaction()
    producer.send(new ProducerRecord(group + '.receipts', with.partition as Integer, millis, worker.bytes, Receipts.write(receipt)))
    spans.each {
      def offsets = [(new TopicPartition(source, it.partition())): new OffsetAndMetadata(it.to(), sourceId.toString())]
      producer.sendOffsetsToTransaction(offsets, new ConsumerGroupMetadata(group))
    }
    producer.commitTransaction()
  }

  void rewind(Map with = [:], int partition, long from, long to) {
    decide(with, 'rewind', "$source-$partition@$from", [new Receipt.Span(source, sourceId, partition, from, to)])
  }

  /** Of outputs as they are made by default, whatever is written. */
  private long content(Map with, List<Long> processed) {
    if (with.sum == false || with.content == false || processed.empty) {
      return OutputSum.UNKNOWN
    }
    def of = (with.sum ?: processed) as List<Long>
    def crc = new CRC32C()
    of.inject(0L) { sum, offset -> OutputSum.addContent(sum, offset, sink, crc, null, 'y'.bytes) }
  }

  private long sum(Map with, List<Long> processed) {
    if (with.sum == false || processed.empty) {
      return OutputSum.UNKNOWN
    }
    def of = (with.sum ?: processed) as List<Long>
    of.inject(0L) { sum, offset -> OutputSum.add(sum, offset, sink) }
  }

  /** The records of a source partition, with the event id that their position gives them. */
  List<ProducerRecord<byte[], byte[]>> records(Map<Long, String> otherIds = [:], int partition, int count) {
    (0L..<count).collect { record(partition, otherIds[it] ?: "id-$partition-$it") }
  }

  ProducerRecord<byte[], byte[]> record(int partition, String id, Long millis = null) {
    def headers = id == null ? [] : [new RecordHeader('event-id', id.bytes)]
    new ProducerRecord<byte[], byte[]>(source, partition, millis, null, 'x'.bytes, headers)
  }

  /** with: id, number, position; old: true as older versions wrote it */
  ProducerRecord<byte[], byte[]> output(Map with = [:], int partition, long offset) {
    def headers = [
        new RecordHeader('event-id', ((with.id ?: "id-$partition-$offset") + "/${with.number ?: 0}").bytes),
        new RecordHeader('source-position', ((with.position ?: "$source-$partition@$offset") + (with.old ? '' : ";${sourceId.toString()[0..7]};$group")).bytes)
    ]
    new ProducerRecord<byte[], byte[]>(sink, partition, with.millis as Long, null, 'y'.bytes, headers)
  }

  ProducerRecord<byte[], byte[]> letter(int partition, long offset, Long millis = null) {
    def headers = [topic: source, 'topic-id': sourceId, partition: partition, offset: offset, group: group].collect { name, value ->
      new RecordHeader('dead-letter-' + name, value.toString().bytes)
    }
    new ProducerRecord<byte[], byte[]>(group + '.dead-letters', 0, millis, null, 'z'.bytes, headers)
  }

  Consumer<byte[], byte[]> consumer(String isolation = 'read_committed') {
    def settings = [
        'bootstrap.servers': bootstrapServers,
        'isolation.level': isolation,
        'auto.offset.reset': 'earliest',
        'enable.auto.commit': false,
        'max.poll.records': 10_000,
        'max.partition.fetch.bytes': 4 * 1024 * 1024,
        'fetch.max.wait.ms': 50
    ] as Map<String, Object>
    new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())
  }

  @CompileStatic
  static byte[] eventId(ConsumerRecord<byte[], byte[]> record) {
    record.headers().lastHeader('event-id')?.value()
  }

  Producer<byte[], byte[]> producer(String worker) {
    producers.computeIfAbsent(worker) {
      def settings = [
          'bootstrap.servers': bootstrapServers,
          'transactional.id': "$group-host-${worker.replaceAll('\\D', '')}-a".toString()
      ] as Map<String, Object>
      def made = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())
      made.initTransactions()
      made
    }
  }

  @Override
  void close() {
    producers.values()*.close()
  }
}
