package io.exactlyonce.readme;

import io.micronaut.serde.annotation.Serdeable;

/** The manual's CloudEvent in structured mode: its attributes stand beside its data. */
@Serdeable
public record SeatEvent(String type, Seat data) {
  /** What it is about. */
  @Serdeable
  public record Seat(String flight, String seat) {}
}
