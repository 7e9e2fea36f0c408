package io.exactlyonce.relay;

import io.exactlyonce.handler.Event;
import io.exactlyonce.handler.ForPipeline;
import io.exactlyonce.handler.Handler;
import io.exactlyonce.handler.Keyed;
import io.exactlyonce.handler.Outcome;
import io.exactlyonce.handler.Output;
import io.exactlyonce.readme.AvroOrderHandler;
import io.exactlyonce.readme.Customer;
import io.exactlyonce.readme.CustomerChange;
import io.exactlyonce.readme.CustomerHandler;
import io.exactlyonce.readme.MoneyHandler;
import io.exactlyonce.readme.SeatEvent;
import io.micronaut.context.annotation.Factory;
import io.micronaut.serde.annotation.SerdeImport;
import jakarta.inject.Singleton;
import org.apache.avro.generic.GenericRecord;

/** The manual's handlers of other formats as beans, for pipelines of specs alone. */
@Factory
@SerdeImport(Customer.class)
@SerdeImport(CustomerChange.class)
@SerdeImport(SeatEvent.class)
@SerdeImport(SeatEvent.Seat.class)
public class RelayedFormats {
  @Singleton
  @ForPipeline("relayed-avro")
  AvroOrderHandler avro() {
    return new AvroOrderHandler();
  }

  @Singleton
  @ForPipeline("relayed-protobuf")
  MoneyHandler protobuf() {
    return new MoneyHandler();
  }

  @Singleton
  @ForPipeline("relayed-customers")
  CustomerHandler customers() {
    return new CustomerHandler();
  }

  /** Passes key and value on, both as Avro. */
  public static final class KeyedAvro implements Handler<Keyed<GenericRecord, GenericRecord>> {
    @Override
    public Outcome handle(Event<Keyed<GenericRecord, GenericRecord>> event) {
      return Outcome.emit(Output.to("keyed", event.value().key(), event.value().value()));
    }
  }

  @Singleton
  @ForPipeline("relayed-keyed-avro")
  KeyedAvro keyedAvro() {
    return new KeyedAvro();
  }

  /** Extracts the seat from a CloudEvent in structured mode. */
  public static final class Seats implements Handler<SeatEvent> {
    @Override
    public Outcome handle(Event<SeatEvent> event) {
      return Outcome.emit(Output.to("seats", event.key(), event.value().data()));
    }
  }

  @Singleton
  @ForPipeline("relayed-seats")
  Seats seats() {
    return new Seats();
  }
}
