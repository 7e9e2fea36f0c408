package io.exactlyonce.receipt;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;

/**
 * Writes receipts as compact JSON, so that an auditor reads them with any consumer. Outcomes that
 * did not occur are left out.
 *
 * <pre>{"v":1,"w":"payments-a-0","x":"payments-a-0-b","t":1763690000000,
 *  "p":[{"n":"payments","i":"kG1..","p":3,"f":100,"to":200,"ok":98,"dup":[120],"dead":[130]}],
 *  "out":{"ledger":196},"g":"3-5f0c.."}</pre>
 */
public final class Receipts {
  private static final JsonFactory JSON = new JsonFactory();

  private Receipts() {}

  public static byte[] write(Receipt receipt) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(128 + 96 * receipt.spans().size());
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      json.writeStartObject();
      json.writeNumberField("v", Receipt.SCHEMA_VERSION);
      json.writeStringField("w", receipt.worker());
      json.writeStringField("x", receipt.transactionalId());
      json.writeNumberField("t", receipt.millis());
      json.writeArrayFieldStart("p");
      for (Receipt.Span span : receipt.spans()) {
        write(json, span);
      }
      json.writeEndArray();
      json.writeObjectFieldStart("out");
      for (Map.Entry<String, Integer> output : receipt.outputs().entrySet()) {
        json.writeNumberField(output.getKey(), output.getValue());
      }
      json.writeEndObject();
      write(json, receipt.decisions());
      if (!receipt.generation().isEmpty()) {
        json.writeStringField("g", receipt.generation());
      }
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("a byte array cannot fail", e);
    }
    return bytes.toByteArray();
  }

  private static void write(JsonGenerator json, Receipt.Span span) throws IOException {
    json.writeStartObject();
    json.writeStringField("n", span.topic());
    json.writeStringField("i", span.topicId().toString());
    json.writeNumberField("p", span.partition());
    json.writeNumberField("f", span.from());
    json.writeNumberField("to", span.to());
    json.writeNumberField("ok", span.processed());
    if (span.skipped() > 0) {
      json.writeNumberField("skip", span.skipped());
    }
    if (span.outputSum() != OutputSum.UNKNOWN) {
      json.writeNumberField("sum", span.outputSum());
    }
    if (span.contentSum() != OutputSum.UNKNOWN) {
      json.writeNumberField("crc", span.contentSum());
    }
    writeOffsets(json, "dup", span.duplicates());
    writeOffsets(json, "dead", span.deadLetters());
    writeOffsets(json, "pass", span.passed());
    writeOffsets(json, "late", span.delayed());
    json.writeEndObject();
  }

  private static void write(JsonGenerator json, List<Receipt.Decision> decisions)
      throws IOException {
    if (decisions.isEmpty()) {
      return;
    }
    json.writeArrayFieldStart("op");
    for (Receipt.Decision decision : decisions) {
      json.writeStartObject();
      json.writeStringField("at", decision.at());
      json.writeStringField("do", decision.done());
      json.writeStringField("why", decision.why());
      if (!decision.who().isEmpty()) {
        json.writeStringField("who", decision.who());
      }
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void writeOffsets(JsonGenerator json, String name, List<Long> offsets)
      throws IOException {
    if (offsets.isEmpty()) {
      return;
    }
    json.writeArrayFieldStart(name);
    for (long offset : offsets) {
      json.writeNumber(offset);
    }
    json.writeEndArray();
  }
}
