package io.exactlyonce.engine

import io.exactlyonce.engine.topic.TopicWatch
import io.exactlyonce.local.LogLines
import io.exactlyonce.receipt.Receipt
import org.apache.kafka.clients.consumer.OffsetAndMetadata
import org.apache.kafka.common.TopicPartition
import org.apache.kafka.common.Uuid

/** Makes topics anew under their names, and tells what became of their records. */
abstract class TopicMadeAnew extends PipelineSpec {

  Uuid idOf(String topic) {
    admin.describeTopics([topic]).allTopicNames().get()[topic].topicId()
  }

  /** The old one is gone when this returns, and the new one can be written to. */
  void remake(String topic, int partitions = 3) {
    def old = idOf(topic)
    admin.deleteTopics([topic]).all().get()
    create(topic, old, partitions)
  }

  /** A request that is repeated may have been granted the first time, whatever the client was told. */
  void create(String topic, Uuid old, int partitions = 3) {
    await(BOUND) {
      maybe { createTopic(topic, partitions); true }
      assert maybe { idOf(topic) != old }
    }
    kafka.awaitTopic(topic, partitions)
  }

  /** False where it cannot be done yet. */
  boolean maybe(Closure<Boolean> step) {
    try {
      step()
    } catch (Exception ignored) {
      false
    }
  }

  Map<TopicPartition, OffsetAndMetadata> committed() {
    admin.listConsumerGroupOffsets(name).partitionsToOffsetAndMetadata().get()
  }

  /** The group stands at the end of the partition, in the topic that is there now. */
  void awaitRead(int partition, long end) {
    def id = idOf(source).toString()
    await(BOUND) {
      def known = committed()[new TopicPartition(source, partition)]
      assert known != null && known.metadata() == id && known.offset() == end
    }
    await(BOUND) { assert [sink, "$name" + '.receipts'].every { isSettled(it) } }
  }

  List<String> seen(String prefix) {
    visible().findAll { it.startsWith(prefix) }
  }

  List<String> all(String prefix, int count) {
    (0..<count).collect { "$prefix$it".toString() }.sort()
  }

  List notices() {
    receipts()*.decisions().flatten().findAll { it.done() == Receipt.Decision.MADE_ANEW }*.at()
  }

  LogLines watchLog() {
    def log = new LogLines(TopicWatch)
    opened << log
    log
  }

  static boolean says(LogLines log, String text) {
    log.texts().any { it.contains(text) }
  }

  static String said(running) {
    def status = running.pipeline().status()
    (status.warnings() + status.workers()*.trouble()).join(' ')
  }
}
