package io.exactlyonce.wiring.tracing;

import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapPropagator;
import java.util.Properties;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.Nullable;

/**
 * Producer of the application, not of a pipeline, that makes a span for each record it sends. The
 * record carries the span's trace headers; the span ends when Kafka has the record or the send
 * failed.
 */
final class TracedProducer<K, V> extends KafkaProducer<K, V> {
  private final Tracer tracer;
  private final TextMapPropagator propagator;

  TracedProducer(
      Properties settings, Serializer<K> keys, Serializer<V> values, OpenTelemetry openTelemetry) {
    super(settings, keys, values);
    tracer = openTelemetry.getTracer(OpenTelemetryTracing.INSTRUMENTATION);
    propagator = openTelemetry.getPropagators().getTextMapPropagator();
  }

  /** Called by the other {@code send} too. */
  @Override
  public Future<RecordMetadata> send(ProducerRecord<K, V> record, @Nullable Callback callback) {
    Span span = begin(record);
    try {
      return super.send(
          record,
          (metadata, failure) -> {
            end(span, failure);
            if (callback != null) {
              callback.onCompletion(metadata, failure);
            }
          });
    } catch (RuntimeException e) { // refused before it was sent
      end(span, e);
      throw e;
    }
  }

  private Span begin(ProducerRecord<K, V> record) {
    try {
      Span span =
          tracer
              .spanBuilder("send " + record.topic())
              .setSpanKind(SpanKind.PRODUCER)
              .setAttribute(Attributes.SYSTEM, "kafka")
              .setAttribute(Attributes.OPERATION, "send")
              .setAttribute(Attributes.OPERATION_TYPE, "send")
              .setAttribute(Attributes.DESTINATION, record.topic())
              .startSpan();
      propagator.inject(Context.current().with(span), record.headers(), RecordHeaderText.INSTANCE);
      return span;
    } catch (RuntimeException e) { // of a sampler or a processor that was plugged in
      OpenTelemetryTracing.say(e);
      return Span.getInvalid();
    }
  }

  private static void end(Span span, @Nullable Exception failure) {
    if (failure != null) {
      span.setAttribute(Attributes.ERROR, failure.getClass().getName());
      span.setStatus(StatusCode.ERROR);
    }
    try {
      span.end();
    } catch (RuntimeException e) { // of a span processor that was plugged in
      OpenTelemetryTracing.say(e);
    }
  }
}
