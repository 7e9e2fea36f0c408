package io.exactlyonce.readme;

import io.exactlyonce.handler.Event;
import io.exactlyonce.handler.ForPipeline;
import io.exactlyonce.handler.Handler;
import io.exactlyonce.handler.Outcome;
import io.exactlyonce.handler.Output;
import jakarta.inject.Singleton;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;

/** The manual's example of a handler of Avro records. */
@Singleton
@ForPipeline("orders")
public class AvroOrderHandler implements Handler<GenericRecord> {
  private static final Schema SHIPMENT =
      SchemaBuilder.record("Shipment").fields().requiredInt("pieces").endRecord();

  @Override
  public Outcome handle(Event<GenericRecord> event) {
    Object pieces = event.value().get("pieces");
    if (pieces.equals(0)) {
      return Outcome.skip("nothing was ordered");
    }
    GenericRecord shipment = new GenericRecordBuilder(SHIPMENT).set("pieces", pieces).build();
    return Outcome.emit(Output.to("shipments", event.key(), shipment));
  }
}
