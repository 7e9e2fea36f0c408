package io.exactlyonce.wiring.tracing;

import io.exactlyonce.engine.spi.RecordSpan;
import io.exactlyonce.engine.spi.Tracing;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapPropagator;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the spans of one group's records. Their parents come from the records' headers alone: a
 * span that a handler left current on its thread has nothing to do with the next record.
 */
public final class OpenTelemetryTracing implements Tracing {
  private static final Logger LOG = LoggerFactory.getLogger(OpenTelemetryTracing.class);

  /** Name of the instrumentation scope of every span. */
  static final String INSTRUMENTATION = "io.exactlyonce";

  private final Tracer tracer;
  private final TextMapPropagator propagator;
  private final String group;

  public OpenTelemetryTracing(OpenTelemetry openTelemetry, String group) {
    this.tracer = openTelemetry.getTracer(INSTRUMENTATION);
    this.propagator = openTelemetry.getPropagators().getTextMapPropagator();
    this.group = group;
  }

  @Override
  public boolean isOn() {
    return true;
  }

  @Override
  public RecordSpan begin(
      ConsumerRecord<byte[], byte[]> record, @Nullable String eventId, int attempts) {
    try {
      Context parent =
          propagator.extract(Context.root(), record.headers(), RecordHeaderText.INSTANCE);
      SpanBuilder builder =
          tracer
              .spanBuilder("process " + record.topic())
              .setParent(parent)
              .setSpanKind(SpanKind.CONSUMER)
              .setAttribute(Attributes.SYSTEM, "kafka")
              .setAttribute(Attributes.OPERATION, "process")
              .setAttribute(Attributes.OPERATION_TYPE, "process")
              .setAttribute(Attributes.DESTINATION, record.topic())
              .setAttribute(Attributes.PARTITION, Integer.toString(record.partition()))
              .setAttribute(Attributes.OFFSET, record.offset())
              .setAttribute(Attributes.GROUP, group);
      if (eventId != null) {
        builder.setAttribute(Attributes.EVENT_ID, eventId);
      }
      if (attempts > 0) {
        builder.setAttribute(Attributes.EARLIER_ATTEMPTS, (long) attempts);
      }
      return new OpenTelemetrySpan(parent.with(builder.startSpan()), propagator);
    } catch (RuntimeException e) { // of a sampler or a processor that was plugged in
      say(e);
      return RecordSpan.none();
    }
  }

  @Override
  public <T> Callable<T> carried(Callable<T> call) {
    return Context.current().wrap(call);
  }

  /**
   * Logs an exception, at debug level since a plugged-in class with a bug may throw for each
   * record.
   */
  static void say(RuntimeException thrown) {
    LOG.debug("a span could not be made or ended", thrown);
  }
}
