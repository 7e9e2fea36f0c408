package io.exactlyonce.relay;

import io.exactlyonce.handler.Event;
import io.exactlyonce.handler.ForPipeline;
import io.exactlyonce.handler.Handler;
import io.exactlyonce.handler.Outcome;
import io.exactlyonce.handler.Output;
import io.micronaut.context.annotation.Property;
import jakarta.inject.Singleton;
import java.util.List;

/**
 * Handler of the pipeline in the engine's own specs, which so need nothing of the application. It
 * passes what it reads to its first sink. A text that begins with {@code bad} becomes a dead
 * letter.
 */
@Singleton
@ForPipeline("relay")
public class RelayHandler implements Handler<String> {
  private final String sink;

  public RelayHandler(
      @Property(name = "pipelines.relay.sinks", defaultValue = "out") List<String> sinks) {
    this.sink = sinks.get(0);
  }

  @Override
  public Outcome handle(Event<String> event) {
    return event.value().startsWith("bad")
        ? Outcome.deadLetter("it is bad")
        : Outcome.emit(Output.to(sink, event.key(), event.value()));
  }
}
