package io.exactlyonce.engine

import io.exactlyonce.wiring.TestPipeline
import org.apache.kafka.clients.producer.ProducerRecord
import org.apache.kafka.common.header.internals.RecordHeader

import java.time.Duration
import java.util.concurrent.TimeUnit
import java.util.concurrent.locks.LockSupport

/**
 * Good records on 12 partitions, with or without two at the head of each that fail: one that the
 * handler refuses, and one at which it throws three times.
 */
abstract class FailingThroughput extends PipelineSpec {

  static final int PARTITIONS = 12
  static final Duration LIMIT = Duration.ofMinutes(2)

  /** Milliseconds from the first record read to the last good one visible. */
  long measure(boolean failing, int good, Duration each, Map<String, String> settings) {
    def run = unique('t')
    def from = "$run-in".toString()
    def to = "$run-out".toString()
    createTopic(from, PARTITIONS)
    createTopic(to, PARTITIONS)
    def heads = failing ? (0..<PARTITIONS).collectMany { [event(from, it, 'no', it), event(from, it, 'bad', it)] } : []
    produce(heads + (0..<good).collect { event(from, it % PARTITIONS, 'v', it) })
    def all = [source: from, sinks: to, ordering: 'key', 'retry.attempts': '4', 'topics.partitions': "$PARTITIONS".toString()] + settings
    def handler = new FailingHandler(to, each)
    TestPipeline.start(run, all, handler, bootstrapServers, redisUri).withCloseable { running ->
      def counters = running.pipeline().counters()
      awaitSum(1) { counters.read.sum() }
      def began = System.nanoTime()
      awaitSum(good + (failing ? PARTITIONS : 0)) { counters.processed.sum() }
      def took = System.nanoTime() - began
      assert counters.deadLetters.sum() == (failing ? PARTITIONS : 0)
      assert counters.handlerFailures.sum() == (failing ? 3 * PARTITIONS : 0)
      return TimeUnit.NANOSECONDS.toMillis(took)
    }
  }

  /** To the millisecond, unlike {@code await}. */
  static void awaitSum(long sum, Closure<Long> counter) {
    def end = System.nanoTime() + LIMIT.toNanos()
    while (counter() < sum) {
      assert System.nanoTime() < end
      LockSupport.parkNanos(1_000_000)
    }
  }

  static ProducerRecord<byte[], byte[]> event(String topic, int partition, String kind, int i) {
    new ProducerRecord<>(topic, partition, null, "$kind${i % 2_000}".bytes, "$kind$i".bytes, [new RecordHeader('event-id', "$kind$i".bytes)])
  }
}
