package io.exactlyonce.engine.spi;

import java.util.concurrent.Callable;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Makes a span for each record that is handled, as part of the trace that the record's headers
 * name. Called by several handler threads at once. None of its calls throws: a failure of tracing
 * must not affect the record.
 */
public interface Tracing {

  /** Tracing that makes no spans. */
  static Tracing off() {
    return NoTracing.INSTANCE;
  }

  /** Whether spans are made at all; called once for each poll. */
  boolean isOn();

  /**
   * Begins the span of a record that is about to be handled. Its parent is the span that the
   * record's headers name; without valid trace headers it begins a new trace.
   *
   * @param record as it stands in the source or in a retry topic
   * @param eventId null where the record has no usable one
   * @param attempts calls of the handler before the record was read this time
   */
  RecordSpan begin(ConsumerRecord<byte[], byte[]> record, @Nullable String eventId, int attempts);

  /** Wraps a call so that it runs, on any thread, under this thread's current span. */
  <T> Callable<T> carried(Callable<T> call);
}
