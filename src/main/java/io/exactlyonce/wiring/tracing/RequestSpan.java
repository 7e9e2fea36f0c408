package io.exactlyonce.wiring.tracing;

import io.micronaut.core.propagation.ThreadPropagatedContextElement;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;

/** Keeps a request's span current on each thread that works for the request. */
record RequestSpan(Context context) implements ThreadPropagatedContextElement<Scope> {

  @Override
  @SuppressWarnings("MustBeClosedChecker") // restoreThreadContext closes it
  public Scope updateThreadContext() {
    return context.makeCurrent();
  }

  @Override
  public void restoreThreadContext(Scope before) {
    before.close();
  }
}
