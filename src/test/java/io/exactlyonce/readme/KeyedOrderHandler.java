package io.exactlyonce.readme;

import io.exactlyonce.handler.Event;
import io.exactlyonce.handler.Handler;
import io.exactlyonce.handler.Keyed;
import io.exactlyonce.handler.Outcome;
import io.exactlyonce.handler.Output;
import io.micronaut.serde.annotation.Serdeable;

/** The manual's example of a typed key. */
public class KeyedOrderHandler implements Handler<Keyed<KeyedOrderHandler.Customer, Order>> {
  /** A key that is JSON itself. */
  @Serdeable
  public record Customer(String country, long number) {}

  @Override
  public Outcome handle(Event<Keyed<Customer, Order>> event) {
    Customer customer = event.value().key();
    Order order = event.value().value();
    Shipment shipment = new Shipment(event.id(), order.article(), order.pieces());
    return Outcome.emit(Output.to("shipments", customer.country(), shipment));
  }
}
