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
 * A record's span. Its duration is that from the handler's call to the commit; the event {@code
 * handled} in it tells the work from the wait.
 */
final class OpenTelemetrySpan implements RecordSpan {
  /** Outcomes of records that the handler, or the pipeline, could not process. */
  private static final Set<String> FAILURES = Set.of("dead-letter", "delayed", "passed");

  private final Context context;
  private final Span span;
  private final TextMapPropagator propagator;

  /** Class of what the handler threw last, and why the record is refused; the handler threads'. */
  private @Nullable String thrown;

  private @Nullable String reason;

  /**
   * @param context what the record came with, and the span
   */
  OpenTelemetrySpan(Context context, TextMapPropagator propagator) {
    this.context = context;
    this.span = Span.fromContext(context);
    this.propagator = propagator;
  }

  @Override
  @SuppressWarnings("MustBeClosedChecker") // the caller's to close
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
    } catch (RuntimeException e) { // a processor's of somebody else
      OpenTelemetryTracing.say(e);
    }
  }
}
