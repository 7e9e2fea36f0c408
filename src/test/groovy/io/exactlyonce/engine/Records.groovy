package io.exactlyonce.engine

import groovy.transform.CompileStatic
import io.exactlyonce.config.PipelineConfig.Retry
import io.exactlyonce.config.value.OutputHeaderNames
import io.exactlyonce.config.value.TombstoneChoice
import io.exactlyonce.deadletter.DeadLetters
import io.exactlyonce.engine.handling.EffectCalls
import io.exactlyonce.engine.handling.EventReader
import io.exactlyonce.engine.handling.FailureLog
import io.exactlyonce.engine.handling.FailurePolicy
import io.exactlyonce.engine.handling.OutputRecords
import io.exactlyonce.engine.handling.RecordProcessor
import io.exactlyonce.engine.handling.RetryPolicy
import io.exactlyonce.engine.handling.RetryTopics
import io.exactlyonce.engine.handling.TracedHandling
import io.exactlyonce.engine.inflight.PolledRecords
import io.exactlyonce.engine.inflight.RememberedRecords
import io.exactlyonce.engine.inflight.Tracks
import io.exactlyonce.engine.spi.InputCodec
import io.exactlyonce.engine.spi.OutputCodec
import io.exactlyonce.engine.spi.Sizes
import io.exactlyonce.engine.spi.Tracing
import io.exactlyonce.engine.status.PipelineCounters
import io.exactlyonce.engine.topic.TopicLimits
import io.exactlyonce.guard.EffectStore
import io.exactlyonce.guard.RetryOrigin
import io.exactlyonce.handler.Handler
import org.apache.kafka.clients.consumer.ConsumerRecord
import org.apache.kafka.common.TopicPartition
import org.apache.kafka.common.header.internals.RecordHeaders
import org.apache.kafka.common.record.TimestampType

import java.time.Clock
import java.time.Duration
import java.time.Instant
import java.time.ZoneOffset
import java.util.random.RandomGenerator

/** Records as a poll brings them, and what handles them, without a broker. */
@CompileStatic
class Records {

  static final Clock NOON = Clock.fixed(Instant.parse('2026-01-01T12:00:00Z'), ZoneOffset.UTC)

  static final EffectCalls NO_EFFECTS = new EffectCalls(EffectStore.none(), Duration.ofSeconds(1), 'spec', new PipelineCounters(), Tracing.off())

  static byte[] bytes(String text) {
    text?.getBytes('UTF-8')
  }

  /** A header's value is text or bytes. */
  static ConsumerRecord<byte[], byte[]> record(long offset, String key, Object value, Map<String, Object> headers = [:]) {
    byte[] keyBytes = bytes(key)
    byte[] valueBytes = value == null || value instanceof byte[] ? (byte[]) value : bytes(value.toString())
    def all = new RecordHeaders()
    headers.each { name, it -> all.add(name, it instanceof byte[] ? (byte[]) it : bytes(it.toString())) }
    new ConsumerRecord<byte[], byte[]>('in', 3, offset, 1000L + offset, TimestampType.CREATE_TIME,
        keyBytes == null ? -1 : keyBytes.length, valueBytes == null ? -1 : valueBytes.length,
        keyBytes, valueBytes, all, Optional.empty())
  }

  /** Records from the offset on, each with its value as its event id, all admitted. */
  static PolledRecords polled(long from = 0, String... values) {
    List<ConsumerRecord<byte[], byte[]>> records = []
    values.eachWithIndex { String value, int i -> records << record(from + i, 'k', value) }
    admitted(records)
  }

  static PolledRecords polledOf(List<ConsumerRecord<byte[], byte[]>> records) {
    def partition = records.empty ? new TopicPartition('in', 0) : new TopicPartition(records[0].topic(), records[0].partition())
    new PolledRecords(partition, records, new RetryOrigin[0], Sizes.sum(records))
  }

  static PolledRecords admitted(List<ConsumerRecord<byte[], byte[]>> records) {
    def polled = polledOf(records)
    records.eachWithIndex { ConsumerRecord<byte[], byte[]> record, int i ->
      polled.eventIds[i] = record.value()
      polled.verdicts[i] = PolledRecords.Verdict.ADMITTED
    }
    polled
  }

  static RetryPolicy retry(int attempts = 3, Duration backoff = Duration.ofMillis(1)) {
    new RetryPolicy(new Retry(attempts, backoff, backoff.multipliedBy(8)), RandomGenerator.getDefault())
  }

  static RecordProcessor<String> processor(Handler<String> handler, RetryPolicy retry = retry(), int mostBytes = 1024 * 1024,
      InputCodec<String> input = { ConsumerRecord<byte[], byte[]> it -> new String(it.value(), 'UTF-8') } as InputCodec<String>,
      OutputCodec output = { String topic, org.apache.kafka.common.header.Headers headers, boolean isKey, Object it -> bytes("<$it>".toString()) } as OutputCodec,
      OutputHeaderNames names = OutputHeaderNames.standard()) {
    new RecordProcessor<String>(handler, null, new EventReader<String>(input, NO_EFFECTS, TombstoneChoice.DEAD_LETTER),
        new OutputRecords(output, ['out', 'also'] as Set, names, mostBytes), failures(retry, mostBytes), new PipelineCounters(), new TracedHandling(Tracing.off()))
  }

  static FailurePolicy failures(RetryPolicy retry = retry(), int mostBytes = 1024 * 1024, RetryTopics delays = RetryTopics.none()) {
    new FailurePolicy(retry, new DeadLetters('dlq', 'g', 'TheHandler', mostBytes, NOON), delays,
        new RememberedRecords(new TopicLimits(mostBytes)), mostBytes, new FailureLog('p', NOON), NOON)
  }

  /** Of a worker whose handlers are not broken off. */
  static Tracks tracks() {
    new Tracks(failures().remembered(), { false })
  }
}
