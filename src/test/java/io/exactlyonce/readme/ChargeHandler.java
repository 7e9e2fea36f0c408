package io.exactlyonce.readme;

import io.exactlyonce.handler.Event;
import io.exactlyonce.handler.Handler;
import io.exactlyonce.handler.Outcome;
import io.exactlyonce.handler.Output;

/** The manual's example of a call to another system. */
public class ChargeHandler implements Handler<Order> {
  /** Somebody else's system. */
  public interface Bank {
    String charge(String idempotencyKey, Order order) throws Exception;
  }

  private final Bank bank;

  public ChargeHandler(Bank bank) {
    this.bank = bank;
  }

  @Override
  public Outcome handle(Event<Order> event) throws Exception {
    String receipt =
        event.effects().once("charge", () -> bank.charge(event.idempotencyKey(), event.value()));
    return Outcome.emit(Output.to("charged", event.key(), receipt));
  }
}
