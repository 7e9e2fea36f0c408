package io.exactlyonce.engine.handling;

import io.exactlyonce.engine.inflight.PolledRecords;
import io.exactlyonce.engine.inflight.RecordResult;
import io.exactlyonce.engine.inflight.RecordSpans;
import io.exactlyonce.engine.spi.RecordSpan;
import io.exactlyonce.engine.spi.Tracing;
import io.exactlyonce.eventid.EventIds;
import io.exactlyonce.guard.RetryOrigin;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Handles a record inside its span. The span begins with the first call and is kept over further
 * attempts and decisions; it ends with the commit, or when the record is dropped.
 */
public record TracedHandling(Tracing tracing) {

  /** Prepares a poll's records for spans where tracing is on, before handlers get them. */
  public void prepare(PolledRecords polled) {
    if (tracing.isOn() && polled.size() > 0) {
      polled.spans = RecordSpans.of(polled.size());
    }
  }

  /**
   * @param handling returns null where the record is to be handled again
   */
  @Nullable RecordResult handle(
      PolledRecords polled, int index, Supplier<@Nullable RecordResult> handling) {
    RecordSpan span = span(polled, index);
    RecordResult result;
    RecordSpan.Scope here = span.enter();
    try {
      result = handling.get();
    } finally {
      here.close();
    }
    if (result != null && !result.isParked()) {
      span.handled(outcome(result.kind));
    }
    return result;
  }

  private RecordSpan span(PolledRecords polled, int index) {
    RecordSpan known = polled.spans.find(index);
    if (known != null) {
      return known;
    }
    byte[] id = polled.eventIds[index];
    RetryOrigin origin = polled.origin(index);
    RecordSpan begun =
        tracing.begin(
            polled.record(index),
            id == null || !EventIds.isUsable(id) ? null : new String(id, StandardCharsets.UTF_8),
            origin == null ? 0 : origin.attempts());
    polled.spans.put(index, begun);
    if (polled.isDropped()) {
      begun.end(false); // the worker may have ended the spans before this one was put
    }
    return begun;
  }

  private static String outcome(RecordResult.Kind kind) {
    return kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
