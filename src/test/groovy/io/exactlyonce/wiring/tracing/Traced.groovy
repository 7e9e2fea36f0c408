package io.exactlyonce.wiring.tracing

import io.exactlyonce.deadletter.ReplayedLetters
import io.exactlyonce.engine.spi.InputCodec
import io.exactlyonce.engine.spi.Tracing
import io.exactlyonce.handler.Handler
import io.exactlyonce.wiring.TestPipeline
import io.opentelemetry.api.common.AttributeKey
import io.opentelemetry.sdk.trace.data.SpanData
import org.apache.kafka.clients.consumer.ConsumerRecord
import org.apache.kafka.clients.producer.ProducerRecord

/** Pipelines whose spans are kept in memory as they end. */
abstract class Traced extends ReplayedLetters {

  static final String TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
  static final String PARENT = '00f067aa0ba902b7'

  KeptSpans kept = new KeptSpans()

  TestPipeline trace(Map<String, String> settings = [:], Handler<String> handler = copy(), String pipeline = name, Tracing tracing = null) {
    def all = ([source: source, sinks: sink, 'retry.backoff': '1ms', 'retry.attempts': '1'] + settings).collectEntries { k, v -> [k, v.toString()] }
    def text = { ConsumerRecord<byte[], byte[]> it -> new String(it.value(), 'UTF-8') } as InputCodec<String>
    def running = TestPipeline.start(pipeline, all, handler, text, ['bootstrap.servers': bootstrapServers] as Map<String, Object>, redisUri,
        tracing ?: kept.tracing(pipeline))
    opened << running
    running
  }

  /** An id among the headers is the event id. */
  ProducerRecord<byte[], byte[]> withHeaders(Map<String, String> headers, String value, int partition = 0) {
    def made = record(value, partition: partition, id: headers.id ?: value)
    (headers - [id: headers.id]).each { key, text -> made.headers().add(key, text.bytes) }
    made
  }

  /** Of this trace unless another is asked for, as W3C writes it. */
  String parent(String span = PARENT, String trace = TRACE) {
    "00-$trace-$span-01"
  }

  List<SpanData> awaitSpans(int number) {
    await(BOUND) { assert kept.all().size() >= number }
    def all = kept.all()
    assert all.size() == number
    all
  }

  Object told(SpanData span, String attribute) {
    span.attributes.asMap().find { AttributeKey key, value -> key.key == attribute }?.value
  }
}
