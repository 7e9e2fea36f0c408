package io.exactlyonce.readme;

import io.exactlyonce.handler.Event;
import io.exactlyonce.handler.ForPipeline;
import io.exactlyonce.handler.Handler;
import io.exactlyonce.handler.Outcome;
import io.exactlyonce.handler.Output;
import jakarta.inject.Singleton;

/** The manual's example of a handler of Debezium's changes: the newest row of each key. */
@Singleton
@ForPipeline("customers")
public class CustomerHandler implements Handler<CustomerChange> {
  @Override
  public Outcome handle(Event<CustomerChange> event) {
    CustomerChange change = event.value();
    return switch (change.op()) {
      case "c", "u", "r" -> Outcome.emit(Output.to("rows", event.key(), change.after()));
      case "d" -> Outcome.emit(Output.to("rows", event.key(), null));
      default -> Outcome.skip("no row: " + change.op());
    };
  }
}
