package io.exactlyonce.engine.spi;

import java.util.concurrent.Callable;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Makes a span for each record that is handled, as part of the trace that the record's headers
 * name. Called by several handler threads at once. None of its calls throws: a trace that cannot be
 * told must not cost its record anything.
 */
public interface Tracing {

  /** Makes no spans, and costs nothing. */
  static Tracing off() {
    return NoTracing.INSTANCE;
  }

  /** Asked once for each poll: whether there are spans at all. */
  boolean isOn();

  /**
   * Begins the span of a record whose handling begins now. Its parent is what the headers name;
   * where they name none, or not as they should, it begins a trace.
   *
   * @param record as it stands in the source or in a retry topic
   * @param eventId null where it has none that can be used
   * @param attempts calls of the handler before this reading of the record
   */
  RecordSpan begin(ConsumerRecord<byte[], byte[]> record, @Nullable String eventId, int attempts);

  /** The same call under the span that is current on this thread now, on whichever thread. */
  <T> Callable<T> carried(Callable<T> call);
}
