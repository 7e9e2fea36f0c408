package io.exactlyonce.readme;

import com.google.type.Money;
import io.exactlyonce.handler.Event;
import io.exactlyonce.handler.ForPipeline;
import io.exactlyonce.handler.Handler;
import io.exactlyonce.handler.Outcome;
import io.exactlyonce.handler.Output;
import jakarta.inject.Singleton;

/** The manual's example of a handler of messages of a class that protoc made. */
@Singleton
@ForPipeline("transfers")
public class MoneyHandler implements Handler<Money> {
  @Override
  public Outcome handle(Event<Money> event) {
    Money money = event.value();
    if (money.getUnits() == 0) {
      return Outcome.skip("nothing was paid");
    }
    return Outcome.emit(Output.to("settlements", event.key(), money));
  }
}
