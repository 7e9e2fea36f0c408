package io.exactlyonce.engine

import ch.qos.logback.classic.Logger
import ch.qos.logback.classic.spi.ILoggingEvent
import ch.qos.logback.core.read.ListAppender
import io.exactlyonce.engine.topic.TopicWatch
import io.exactlyonce.receipt.Receipt
import org.apache.kafka.clients.consumer.OffsetAndMetadata
import org.apache.kafka.common.TopicPartition
import org.apache.kafka.common.Uuid
import org.slf4j.LoggerFactory

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

  ListAppender<ILoggingEvent> watchLog() {
    def log = new ListAppender<ILoggingEvent>()
    def ours = LoggerFactory.getLogger(TopicWatch) as Logger
    log.start()
    ours.addAppender(log)
    opened << ({ ours.detachAppender(log) } as AutoCloseable)
    log
  }

  static boolean says(ListAppender<ILoggingEvent> log, String text) {
    new ArrayList<>(log.list).any { it.formattedMessage.contains(text) }
  }

  static String said(running) {
    def status = running.pipeline().status()
    (status.warnings() + status.workers()*.trouble()).join(' ')
  }
}
