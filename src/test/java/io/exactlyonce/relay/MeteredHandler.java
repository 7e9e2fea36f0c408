package io.exactlyonce.relay;

import io.exactlyonce.handler.Event;
import io.exactlyonce.handler.ForPipeline;
import io.exactlyonce.handler.Handler;
import io.exactlyonce.handler.Outcome;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.inject.Singleton;

/** Handler with a meter of its own. */
@Singleton
@ForPipeline("metered")
public class MeteredHandler implements Handler<String> {
  private final Counter seen;

  public MeteredHandler(MeterRegistry registry) {
    seen = registry.counter("metered.seen");
  }

  @Override
  public Outcome handle(Event<String> event) {
    seen.increment();
    return Outcome.skip("it was counted");
  }
}
