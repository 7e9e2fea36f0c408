package io.exactlyonce.readme;

import io.exactlyonce.handler.Event;
import io.exactlyonce.handler.ForPipeline;
import io.exactlyonce.handler.Handler;
import io.exactlyonce.handler.Outcome;
import io.exactlyonce.handler.Output;
import jakarta.inject.Singleton;

/** The manual's example. */
@Singleton
@ForPipeline("orders")
public class OrderHandler implements Handler<Order> {
  @Override
  public Outcome handle(Event<Order> event) {
    Order order = event.value();
    if (order.pieces() == 0) {
      return Outcome.skip("nothing was ordered");
    }
    if (order.pieces() < 0) {
      return Outcome.deadLetter("pieces is below 0");
    }
    Shipment shipment = new Shipment(event.id(), order.article(), order.pieces());
    return Outcome.emit(Output.to("shipments", event.key(), shipment));
  }
}
