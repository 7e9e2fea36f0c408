package io.exactlyonce.wiring.tracing;

import io.exactlyonce.engine.spi.RecordSpan;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapPropagator;
import java.util.Set;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/**
 * Span of a record, from the call of its handler to the commit. The event {@code handled} in it
 * ends the handler's work and begins the wait for the commit.
 */
final class OpenTelemetrySpan implements RecordSpan {
  /** Outcomes of records that the handler, or the pipeline, could not process. */
  private static final Set<String> FAILURES = Set.of("dead-letter", "delayed", "passed");

  private final Context context;
  private final Span span;
  private final TextMapPropagator propagator;

  /** Class of the handler's last exception. This and the reason are for handler threads alone. */
  private @Nullable String thrown;

  private @Nullable String reason;

  /**
   * @param context the trace that the record's headers name, and the span in it
   */
  OpenTelemetrySpan(Context context, TextMapPropagator propagator) {
    this.context = context;
    this.span = Span.fromContext(context);
    this.propagator = propagator;
  }

  @Override
  @SuppressWarnings("MustBeClosedChecker") // the caller closes it
  public Scope enter() {
    return context.makeCurrent()::close;
  }

  @Override
  public void continueIn(Headers headers) {
    propagator.inject(context, headers, RecordHeaderText.INSTANCE);
  }

  @Override
  public void threw(Throwable why, int attempt) {
    thrown = why.getClass().getName();
    span.addEvent(
        "exception",
        io.opentelemetry.api.common.Attributes.of(
            Attributes.EXCEPTION, thrown, Attributes.ATTEMPT, (long) attempt));
  }

  @Override
  public void refused(String why) {
    reason = why;
  }

  @Override
  public void handled(String outcome) {
    span.setAttribute(Attributes.OUTCOME, outcome);
    boolean isFailed = FAILURES.contains(outcome);
    if (isFailed) {
      span.setAttribute(Attributes.ERROR, thrown == null ? outcome : thrown);
      span.setStatus(StatusCode.ERROR, reason == null ? "" : reason);
    }
    span.addEvent("handled");
  }

  @Override
  public void sentAgain() {
    span.addEvent("transaction aborted, sent again");
  }

  @Override
  public void end(boolean committed) {
    span.setAttribute(Attributes.TRANSACTION, committed ? "committed" : "dropped");
    if (!committed) {
      span.setStatus(StatusCode.ERROR, "not committed here: the record is read again");
    }
    try {
      span.end();
    } catch (RuntimeException e) { // of a span processor that was plugged in
      OpenTelemetryTracing.say(e);
    }
  }
}
