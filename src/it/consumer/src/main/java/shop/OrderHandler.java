package shop;

import io.exactlyonce.handler.Event;
import io.exactlyonce.handler.Handler;
import io.exactlyonce.handler.Outcome;
import io.exactlyonce.handler.Output;

public final class OrderHandler implements Handler<OrderHandler.Order> {
  public record Order(String article, int pieces) {}

  public record Shipment(String order, String article, int pieces) {}

  @Override
  public Outcome handle(Event<Order> event) {
    Order order = event.value();
    if (order.pieces() < 1) {
      return Outcome.deadLetter("pieces is below 1");
    }
    Shipment shipment = new Shipment(event.id(), order.article(), order.pieces());
    return Outcome.emit(Output.to("shipments", event.key(), shipment));
  }
}
