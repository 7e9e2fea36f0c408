package io.exactlyonce.readme;

import io.exactlyonce.handler.Event;
import io.exactlyonce.handler.ForPipeline;
import io.exactlyonce.handler.Handler;
import io.exactlyonce.handler.Outcome;
import io.exactlyonce.handler.Output;
import io.micronaut.serde.annotation.Serdeable;
import jakarta.inject.Singleton;

/** Says of each flight that was late by how much. */
@Singleton
@ForPipeline("flights")
public class FlightHandler implements Handler<FlightHandler.Flight> {
  @Serdeable
  public record Flight(String flight, String airport, int minutesLate) {}

  @Serdeable
  public record Delay(String flight, int minutes) {}

  @Override
  public Outcome handle(Event<Flight> event) {
    Flight flight = event.value();
    if (flight.minutesLate() <= 0) {
      return Outcome.skip("it was on time");
    }
    Delay delay = new Delay(flight.flight(), flight.minutesLate());
    return Outcome.emit(Output.to("delays", flight.airport(), delay));
  }
}
